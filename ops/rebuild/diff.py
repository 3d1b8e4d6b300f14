"""What is not alike in two versions of a case's rows: which row, in which columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum, auto
from typing import Any

from ops.rebuild.fold import Folded
from store.cases.orphans import Orphan
from store.projection import COMPARED, TABLES, UNREADABLE, Rows, none


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


def of_stray(stray: Orphan, gone: frozenset[str] | None = None) -> list[Difference]:
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


@dataclass(frozen=True)
class Look:
    """What was found: the rows that are there, those that should be, how they differ.

    `moving`: the case was written all the time, so nothing can be said of it.
    """

    tenant: str
    number: str
    there: Rows
    wanted: Rows | None
    found: Sequence[Difference] = ()
    moving: bool = False


def judge(folded: Folded, there: Rows) -> Look:
    """The difference between a case and its rows."""
    tenant, number = folded.tenant, folded.number
    if folded.wrong:
        broken = Difference(tenant, number, Sort.UNREADABLE, detail=folded.wrong)
        return Look(tenant, number, there, None, [broken])
    wanted = folded.fitting(there)
    found = differences(folded, wanted or none(), there)
    return Look(tenant, number, there, wanted, found)


def unknown(tenant: str, number: str, there: Rows) -> Look:
    """A case of which only the store knows, if it does."""
    why = "neither Temporal nor the archive knows it"
    found = [Difference(tenant, number, Sort.UNKNOWN_CASE, detail=why)] if any_of(there) else []
    return Look(tenant, number, there, None, found)


def any_of(rows: Rows) -> bool:
    """Whether there is anything of the case."""
    return any(rows.values())


@dataclass
class Rebuilt:
    """What came of it.

    `moved` counts cases that were written meanwhile, and are in both stores alike now; `moving`
    are those that were written all the time. `compared` is None if there was nothing to compare.
    """

    cases: int = 0
    entries: int = 0
    seconds: float = 0.0
    compared: int | None = None
    comparing: float = 0.0
    moved: int = 0
    moving: list[str] = field(default_factory=list)
    found: list[Difference] = field(default_factory=list)
    records: int | None = None

    @property
    def rate(self) -> float:
        """Cases made in a second."""
        return self.cases / self.seconds if self.seconds else 0.0


@dataclass
class Reconciled:
    """What came of it; `moving` are cases that were written all the time."""

    cases: int = 0
    seconds: float = 0.0
    found: list[Difference] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether anything is still wrong."""
        return any(each.fate is not Fate.MENDED for each in self.found)
