"""Comments: what is said about a case without moving it."""

from dataclasses import replace

from app.authentication import Principal
from app.authorization import check_comment, check_read_comments, reads_inside
from app.customer_messages import tell_answered, tell_case_soon
from app.errors import KeyReused
from app.merging import case_that_goes_on, is_merged, seen_joined
from app.outside import shown_comment
from app.policy import policy_under
from app.read_cases import get_case_row
from app.services import Services
from cases import KINDS
from cases.common.figures import REOPEN_WINDOW, time_under
from domain.engine.merge_errors import MergedInto
from domain.language.table import WaitsOn
from domain.read_models.projection import CaseView
from store import errors as store_errors
from store.comments import Comment, Visibility
from store.db.clock import utc_now
from store.db.pages import Cursor, Page
from store.db.request_keys import RequestKey


async def list_comments(
    services: Services, caller: Principal, number: str, after: Cursor | None, limit: int
) -> Page[Comment]:
    """List comments, the oldest first; internal ones are for our staff and whoever wrote them.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    await get_case_row(services, caller, number)
    page = await services.store.comments.page(
        caller.tenant,
        number,
        include_internal=reads_inside(caller),
        own=caller.own,
        after=after,
        limit=limit,
    )
    return replace(page, items=tuple(shown_comment(caller, comment) for comment in page.items))


async def add_comment(
    services: Services,
    caller: Principal,
    number: str,
    body: str,
    visibility: Visibility | None,
    key: str | None = None,
) -> tuple[Comment, bool]:
    """Add a comment, under a key once; return whether an earlier request did.

    Unless it is said, staff comment internally and systems publicly. What a customer says to a
    merged case is a comment on the one that goes on, which its number says; so is what was said
    to it under the same key before it was merged, and the other way about.

    Raises:
        MergedInto: staff comment on a merged case; they go on in the other one.
        KeyReused: the key came before with another comment.
        Forbidden: the caller may not write such a comment.
        NotFound, NumberMisread
        StoreDown
    """
    case_row = await get_case_row(services, caller, number)
    visibility = check_comment(caller, visibility)
    request_key = RequestKey(caller.client, key) if key else None
    try:
        if request_key:
            earlier = await services.store.comments.earlier(
                caller.tenant, number, request_key, visibility, body
            )
            if earlier is not None:
                return shown_comment(caller, earlier), True
        comment, added = await _add(services, caller, case_row, body, visibility, request_key)
    except store_errors.KeyReused:
        raise KeyReused from None
    except store_errors.CaseMerged:
        # It was merged since its row was read.
        return await add_comment(services, caller, number, body, visibility, key)
    return shown_comment(caller, comment), not added


async def _add(
    services: Services,
    caller: Principal,
    case_row: CaseView,
    body: str,
    visibility: Visibility,
    request_key: RequestKey | None,
) -> tuple[Comment, bool]:
    """Add a comment to a case, or to the one that goes on for it, and tell that case.

    Raises:
        MergedInto, NotFound
        store_errors.KeyReused, store_errors.CaseMerged
        StoreDown
    """
    author = caller.actor(case_row.customer)
    if is_merged(case_row):
        case_row = await case_that_goes_on(services, caller.tenant, case_row)
        if author.is_staff:
            into = case_row.number
            raise MergedInto(f"The case is merged into {into}: go on there.", into=into)
    is_answer = author.is_staff and visibility is Visibility.PUBLIC
    joined = await seen_joined(services, caller, case_row.number) if is_answer else []
    comment, added = await services.store.comments.add(
        caller.tenant,
        case_row.number,
        author,
        visibility,
        body,
        request_key,
        untold=await _may_hear(services, case_row),
        joined=[each.number for each in joined],
    )
    if added and not author.is_staff and await _may_hear(services, case_row):
        await tell_case_soon(services, caller.tenant, comment)
    if added and is_answer and _is_heard(case_row):
        await tell_answered(services, caller.tenant, comment)
    return comment, added


async def _may_hear(services: Services, row: CaseView) -> bool:
    """Return whether a case is told that its customer wrote; whether it hears, its engine says."""
    if row.closed_at is None:
        return True
    policy = await policy_under(services, row.tenant, row.policy_version)
    return utc_now() - row.closed_at < time_under(policy, REOPEN_WINDOW)


def _is_heard(row: CaseView) -> bool:
    """Return whether a case that waits for its customer, or is closed, waits for us: they wrote."""
    state = KINDS[row.kind, row.process_version].state(row.state)
    quiet = state.closed or state.waits_on is WaitsOn.CUSTOMER
    return quiet and row.waits_on == WaitsOn.STAFF.value


async def mark_comments_read(services: Services, caller: Principal, number: str) -> int:
    """Mark what the customer said as read; return how many messages were unread.

    It covers the cases that are merged into this one, as far as the caller sees them.

    Raises:
        Forbidden: the caller may not answer the customer.
        NotFound, NumberMisread
        StoreDown
    """
    await get_case_row(services, caller, number)
    check_read_comments(caller)
    joined = [each.number for each in await seen_joined(services, caller, number)]
    return await services.store.comments.mark_read(caller.tenant, number, joined)
