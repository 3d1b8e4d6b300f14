"""Comments: what is said about a case without moving it."""

from app.authentication import Principal
from app.errors import Forbidden
from app.read_cases import get_case_row
from app.services import Services
from store.comments import Comment, Visibility
from store.db.pages import Cursor, Page


async def list_comments(
    services: Services, caller: Principal, number: str, after: Cursor | None, limit: int
) -> Page[Comment]:
    """List comments, the oldest first; internal ones are for staff.

    Raises:
        NotFound, NumberMisread
        StoreDown
    """
    await get_case_row(services, caller, number)
    return await services.store.comments.page(
        caller.tenant, number, include_internal=caller.is_staff, after=after, limit=limit
    )


async def add_comment(
    services: Services, caller: Principal, number: str, body: str, visibility: Visibility | None
) -> Comment:
    """Add a comment; unless it is said, staff comment internally and systems publicly.

    Raises:
        Forbidden: a system's comment cannot be internal.
        NotFound, NumberMisread
        StoreDown
    """
    case_row = await get_case_row(services, caller, number)
    default = Visibility.INTERNAL if caller.is_staff else Visibility.PUBLIC
    visibility = visibility or default
    if visibility is Visibility.INTERNAL and not caller.is_staff:
        raise Forbidden("staff")
    author = caller.actor(case_row.customer)
    return await services.store.comments.add(caller.tenant, number, author, visibility, body)
