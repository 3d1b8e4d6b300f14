"""Compares a case's rows with those that its entries make: which row differs, in which columns."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum, auto
from typing import Any

from ops.rebuild.fold import FoldedCase
from runtime.message import Message
from store.orphans import Orphan
from store.projection import TABLES, UNREADABLE, Rows, differing_columns, no_rows


class Mismatch(StrEnum):
    """How a row is wrong."""

    MISSING = auto()
    TOO_MANY = auto()
    DIFFERS = auto()
    UNKNOWN_CASE = auto()
    UNREADABLE = auto()
    NO_CASE = auto()


class Fate(StrEnum):
    """What became of a difference: it was only found, or it was mended, or it stays."""

    FOUND = auto()
    MENDED = auto()
    STAYS = auto()


@dataclass(frozen=True)
class Difference:
    """A row of the store that is not what the case's entries make.

    `key` is what tells the row from the case's others, `fields` are the columns that differ, never
    what they hold.
    """

    tenant: str
    number: str
    sort: Mismatch
    table: str = "cases"
    key: str = ""
    fields: tuple[str, ...] = ()
    detail: str = ""
    fate: Fate = Fate.FOUND

    def document(self) -> dict[str, Any]:
        """As programs read it."""
        return asdict(self)


@dataclass(frozen=True)
class Inspection:
    """The rows of a case that are stored, those that are expected, and how they differ.

    `changing`: the case was written during the whole inspection, so nothing can be said of it.
    """

    tenant: str
    number: str
    stored: Rows
    expected: Rows | None
    differences: Sequence[Difference] = ()
    changing: bool = False


def inspect_case(folded: FoldedCase, stored: Rows) -> Inspection:
    """Return the inspection of a case that Temporal or the archive knows."""
    tenant, number = folded.tenant, folded.number
    if folded.fault:
        unreadable = Difference(tenant, number, Mismatch.UNREADABLE, detail=folded.fault)
        return Inspection(tenant, number, stored, None, [unreadable])
    expected = folded.expected(stored)
    differences = diff_rows(folded, expected or no_rows(), stored)
    return Inspection(tenant, number, stored, expected, differences)


def inspect_unknown(tenant: str, number: str, stored: Rows) -> Inspection:
    """Return the inspection of a case that only the store knows, if it does."""
    unknown = Difference(
        tenant,
        number,
        Mismatch.UNKNOWN_CASE,
        detail=Message("neither Temporal nor the archive knows it"),
    )
    found = [unknown] if any(stored.values()) else []
    return Inspection(tenant, number, stored, None, found)


def diff_rows(folded: FoldedCase, expected: Rows, stored: Rows) -> list[Difference]:
    """Return all differences of the rows that are stored."""
    return [each for table in TABLES for each in _diff_table(table, folded, expected, stored)]


def _diff_table(
    table: str, folded: FoldedCase, expected: Rows, stored: Rows
) -> Iterator[Difference]:
    case = (folded.tenant, folded.number)
    if UNREADABLE in stored[table]:
        yield Difference(
            *case, Mismatch.UNREADABLE, table, detail=Message("a row of it cannot be read")
        )
        return
    for key in sorted(expected[table].keys() | stored[table].keys(), key=str):
        right, actual = expected[table].get(key), stored[table].get(key)
        name = "-".join(map(str, key))
        if right is None and not (table == "outbox" and key in folded.optional):
            yield Difference(*case, Mismatch.TOO_MANY, table, name)
        elif actual is None:
            yield Difference(*case, Mismatch.MISSING, table, name)
        elif right is not None and (fields := differing_columns(table, right, actual)):
            yield Difference(*case, Mismatch.DIFFERS, table, name, fields)


def orphan_differences(orphan: Orphan, removed: frozenset[str] | None = None) -> list[Difference]:
    """Return the rows of a case that is not there, by table; `removed` are the tables mended."""

    def fate(table: str) -> Fate:
        if removed is None:
            return Fate.FOUND
        return Fate.MENDED if table in removed else Fate.STAYS

    return [
        Difference(
            orphan.tenant,
            orphan.number,
            Mismatch.NO_CASE,
            table,
            detail=Message("%(count)s rows of a case that is not there", count=count),
            fate=fate(table),
        )
        for table, count in orphan.rows.items()
    ]


@dataclass
class RebuildReport:
    """The outcome of a rebuild.

    `caught_up` counts cases that were written meanwhile, and are alike in both stores now;
    `changing` are those that were written all the time. `compared` is None if there was nothing to
    compare with, `records` if none were copied.
    """

    cases: int = 0
    entries: int = 0
    seconds: float = 0.0
    compared: int | None = None
    comparing_seconds: float = 0.0
    caught_up: int = 0
    changing: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    records: int | None = None

    @property
    def rate(self) -> float:
        """Cases made in a second."""
        return self.cases / self.seconds if self.seconds else 0.0


@dataclass
class ReconcileReport:
    """The outcome of a reconciliation; `changing` are cases that were written all the time."""

    cases: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    changing: list[str] = field(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether anything is still wrong."""
        return any(each.fate is not Fate.MENDED for each in self.differences)
