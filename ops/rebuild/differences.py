"""What is not alike in two versions of a case's rows: which row, in which columns."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum, auto
from typing import Any

from ops.rebuild.folding import Folded
from store.projection import COMPARED, TABLES, UNREADABLE, Rows
from store.records import Stray


class Sort(StrEnum):
    """How a row is wrong."""

    MISSING = auto()
    TOO_MANY = auto()
    DIFFERS = auto()
    UNKNOWN_CASE = auto()
    UNREADABLE = auto()
    NO_CASE = auto()


class Fate(StrEnum):
    """What was done about it: nothing was to be done, or it was, or it stays as it is."""

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
    sort: Sort
    table: str = "cases"
    key: str = ""
    fields: tuple[str, ...] = ()
    detail: str = ""
    fate: Fate = Fate.FOUND

    def document(self) -> dict[str, Any]:
        """As programs read it."""
        return asdict(self)


def of_stray(stray: Stray, gone: frozenset[str] | None = None) -> list[Difference]:
    """Rows of a case that is not there, table by table; `gone` are the tables mended, if any."""
    return [
        Difference(
            stray.tenant,
            stray.number,
            Sort.NO_CASE,
            table,
            detail=f"{n} rows of a case that is not there",
            fate=_fate(table, gone),
        )
        for table, n in stray.rows.items()
    ]


def _fate(table: str, gone: frozenset[str] | None) -> Fate:
    if gone is None:
        return Fate.FOUND
    return Fate.MENDED if table in gone else Fate.STAYS


def differences(folded: Folded, wanted: Rows, there: Rows) -> list[Difference]:
    """All that is wrong with the rows that are there."""
    case = (folded.tenant, folded.number)
    return [each for name in TABLES for each in _of(case, name, folded, wanted, there)]


def _of(
    case: tuple[str, str], name: str, folded: Folded, wanted: Rows, there: Rows
) -> Iterator[Difference]:
    if UNREADABLE in there[name]:
        yield Difference(*case, Sort.UNREADABLE, name, detail="a row of it cannot be read")
        return
    for key in sorted(wanted[name].keys() | there[name].keys(), key=str):
        right, found = wanted[name].get(key), there[name].get(key)
        which = "-".join(map(str, key))
        if right is None and not (name == "outbox" and key in folded.may):
            yield Difference(*case, Sort.TOO_MANY, name, which)
        elif found is None:
            yield Difference(*case, Sort.MISSING, name, which)
        elif right is not None and (fields := _fields(name, right, found)):
            yield Difference(*case, Sort.DIFFERS, name, which, fields)


def _fields(name: str, right: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(column for column in COMPARED[name] if right[column] != found.get(column))
