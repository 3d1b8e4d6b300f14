"""The row of a case, and the case as its entries make it: what stands in for a spoilt row."""

from collections.abc import Sequence

from api.parts import Parts
from cases import KINDS
from domain.case import Case
from domain.entries import Entry
from domain.messages import opening_of
from domain.process import Process
from domain.views import CaseView, view
from store.errors import Unreadable


async def row_of(parts: Parts, tenant: str, number: str) -> CaseView | None:
    """The case's row, if there is one; where it was spoilt, what its entries say.

    Raises:
        Unreadable: the entries were spoilt, too, or are gone.
    """
    try:
        return await parts.store.cases.get(tenant, number)
    except Unreadable as spoilt:
        entries = await parts.store.entries.of(tenant, number)
        if not entries:
            raise
        parts.damage.note(spoilt.table, [number])
        process, case = case_of(number, entries)
        return view(process, case)


def process_of(entries: Sequence[Entry]) -> Process:
    """The table that a case was opened with."""
    opening = opening_of(entries[0])
    return KINDS[opening.kind, opening.process_version]


def case_of(number: str, entries: Sequence[Entry]) -> tuple[Process, Case]:
    """The case that these entries make, and its table.

    Raises:
        Unreadable: the first of them opens none that we know.
    """
    try:
        process = process_of(entries)
    except (ValueError, LookupError) as error:
        raise Unreadable("entries", number) from error
    return process, process.fold(opening_of(entries[0]), entries)
