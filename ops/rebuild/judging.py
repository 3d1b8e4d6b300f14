"""What a case's rows should be, held against those that are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.rebuild.differences import Difference, Sort, differences
from ops.rebuild.folding import Folded
from store.projection import Rows, none


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
