"""Comments: what is said about a case without moving it."""

from dataclasses import replace

from app.authentication import Principal
from app.authorization import Right, check_comment, check_right, reads_inside
from app.errors import KeyReused
from app.outside import shown_comment
from app.read_cases import get_case_row
from app.services import Services
from store import errors as store_errors
from store.comments import Comment, Visibility
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

    Unless it is said, staff comment internally and systems publicly.

    Raises:
        KeyReused: the key came before with another comment.
        Forbidden: the caller may not write such a comment.
        NotFound, NumberMisread
        StoreDown
    """
    case_row = await get_case_row(services, caller, number)
    visibility = check_comment(caller, visibility)
    author = caller.actor(case_row.customer)
    request_key = RequestKey(caller.client, key) if key else None
    try:
        comment, added = await services.store.comments.add(
            caller.tenant, number, author, visibility, body, request_key
        )
    except store_errors.KeyReused:
        raise KeyReused from None
    return shown_comment(caller, comment), not added


async def mark_comments_read(services: Services, caller: Principal, number: str) -> int:
    """Mark what the customer said as read; return how many messages were unread.

    Raises:
        Forbidden: the caller may not answer for it.
        NotFound, NumberMisread
        StoreDown
    """
    check_right(caller, Right.COMMENT_INTERNALLY)
    await get_case_row(services, caller, number)
    return await services.store.comments.mark_read(caller.tenant, number)
