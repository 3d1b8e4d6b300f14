"""Merging two cases: what only the store knows of them, and where a merged case leads."""

from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right, sees_case
from app.errors import AppError, NotFound, invalid
from app.read_cases import find_case_row, fold_case, get_case_row
from app.services import Services
from cases.common.errors import ChildrenOpen
from domain.case_numbers import is_case_number
from domain.engine.merge_errors import CannotMerge, MergedInto
from domain.engine.merged import MERGE, CommonEnd, Merging
from domain.engine.messages import Receipt, Request
from domain.language.entries import EntryType
from domain.read_models.projection import CaseView
from store.cases.records import CaseFilter
from store.db.clock import utc_now
from temporal.results import Refused

MOST_CHILDREN: Final = 100


def is_merge(request: Request) -> bool:
    """Say whether a request merges a case into another one."""
    return any(command.step == MERGE for command in request.commands)


def is_merged(row: CaseView) -> bool:
    """Say whether another case goes on for this one."""
    return row.state == CommonEnd.MERGED.value


def is_merging(refusal: AppError | Refused) -> bool:
    """Say whether a case refuses something since another one is asked to go on for it just now.

    What comes of that is known within seconds, so that it can be tried again.
    """
    return refusal.code == MergedInto.code and refusal.params.get("why") == "asked"


async def case_that_goes_on(services: Services, tenant: str, row: CaseView) -> CaseView:
    """Return the case that goes on for a merged one; any other case goes on for itself.

    Raises:
        NotFound: its row is not there yet, or gone.
        StoreDown, CorruptRow
    """
    if not is_merged(row):
        return row
    into = row.merged_into
    found = await find_case_row(services, tenant, into) if into else None
    if found is None:
        raise NotFound
    return found


async def seen_joined(services: Services, caller: Principal, number: str) -> list[CaseView]:
    """Return the cases that are merged into one, as far as the caller sees them.

    Raises:
        StoreDown
    """
    rows = await services.store.cases.joined(caller.tenant, number)
    return [row for row in rows if sees_case(caller, row)]


async def check_merge(
    services: Services, caller: Principal, number: str, request: Request, pointer: str
) -> None:
    """Refuse to merge a case because of the other one, of the customers or of its own children.

    What the case's own engine refuses comes first, and a repetition gets its first answer. Both
    cases are read for it, so nothing is merged while the store is down.

    Raises:
        NotFound, NumberMisread: there is no such case for the caller, or none yet.
        Forbidden: the caller does not see all cases.
        Refusal: the engine refuses it as the case stands.
        Unacceptable: the caller sees no such other case.
        CannotMerge: the other one is over, or another customer's.
        ChildrenOpen
        StoreDown, CorruptRow
    """
    if not is_merge(request):
        return
    row = await get_case_row(services, caller, number)
    check_right(caller, Right.READ_ALL_CASES)
    entries = await services.store.entries.of(caller.tenant, row.number)
    process, case = fold_case(row.number, entries)
    if case.merge is not None or case.request(request.id):
        return
    process.check_request(case, request, utc_now())
    for command in request.commands:
        if command.step == MERGE:
            form = Merging.lenient(command.form)
            await _check_other(services, caller, row, form, pointer)
            await _check_children(services, caller, row)


async def _check_other(
    services: Services, caller: Principal, row: CaseView, form: Merging, pointer: str
) -> None:
    is_number = is_case_number(form.into)
    other = await find_case_row(services, caller.tenant, form.into) if is_number else None
    if other is None or not sees_case(caller, other):
        at, detail = f"{pointer}/into", "There is no such case."
        raise invalid(at, "unknown_case", detail, number=form.into)
    if other.number == row.number or other.kind != row.kind:
        return  # the engine says so
    if is_merged(other):
        into = (await case_that_goes_on(services, caller.tenant, other)).number
        raise CannotMerge(
            f"{other.number} is merged into {into} itself: merge this one into that.",
            why="target_merged",
            into=other.number,
            goes_on=into,
        )
    if other.closed_at is not None:
        raise CannotMerge(f"{other.number} is concluded.", why="target_closed", into=other.number)
    if not form.although_other_customer and not await _same_person(services, row, other):
        raise CannotMerge(
            "The two cases are not known to be one customer's. If you mean it all the same, say "
            "although_other_customer.",
            why="customers",
            into=other.number,
        )


async def _same_person(services: Services, row: CaseView, other: CaseView) -> bool:
    if row.customer is None or other.customer is None:
        return False
    refs = [row.customer, other.customer]
    persons = await services.store.customers.persons(row.tenant, refs)
    return len({persons.get(ref, ref) for ref in refs}) == 1


async def _check_children(services: Services, caller: Principal, row: CaseView) -> None:
    theirs = CaseFilter(parent=row.number, open=True)
    page = await services.store.cases.page(caller.tenant, theirs, None, MOST_CHILDREN)
    if children := [child.number for child in page.items]:
        raise ChildrenOpen(
            f"{', '.join(children)} came of this case and is still open: finish that first.",
            children=[*children],
        )


async def refuse_unmerged(
    services: Services, caller: Principal, request: Request, receipt: Receipt | None
) -> None:
    """Refuse a merge that the other case refused when it was asked, and say why.

    Raises:
        CannotMerge
        StoreDown, CorruptRow
    """
    if receipt is None or not is_merge(request):
        return
    after = await services.store.entries.of(caller.tenant, receipt.number, receipt.first)
    answer = next((e for e in after if e.type in _ANSWERS), None)
    if answer is None or answer.type is EntryType.MERGED:
        return
    reason = str(answer.form.get("reason"))
    raise CannotMerge(
        f"{answer.form.get('into')} does not go on for this case: {reason}.",
        **{**answer.form, "why": _WHY.get(reason, reason)},
    )


_ANSWERS: Final = frozenset({EntryType.MERGED, EntryType.MERGE_REFUSED})
_WHY: Final = {
    MergedInto.code: "target_merged",
    "case_over": "target_closed",
    "not_found": "target_closed",
}
"""What the other case's refusals are called here."""
