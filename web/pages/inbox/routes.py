"""`/inbox`: the lists of what waits, each an address with its filters, and the next task."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.authorization import Right, has_right, view_owners
from app.colleagues import read_colleagues
from app.inbox import InboxQuery, View, count_queries
from app.measures import count_due
from app.next_task import NoNext, take_next
from app.saved_views import list_saved_views, remove_view, save_view
from app.submit_steps import submit_steps
from cases import CURRENT
from domain.engine.messages import Command
from domain.engine.task_actions import CLAIM
from store.saved_views import ViewOwnerKind
from web.http.posted import PostedForm
from web.http.redirects import lead_to
from web.http.session import admit
from web.http.troubles import SIGN_IN
from web.pages.inbox.lists import (
    InboxList,
    address_of,
    link_to,
    read_list,
    read_query,
    read_seen,
    values_of,
)
from web.pages.inbox.posted_views import read_new_view
from web.rendering.navigation import home_of
from web.rendering.pages import page
from web.rendering.texts import Sentence
from web.visitor import AnyVisitor, LoggedIn, Stepper, Visitor

WHY_NONE = {
    NoNext.NOTHING_LEFT: Sentence("Nothing is left to be claimed."),
    NoNext.NONE_IN_LIST: Sentence("None of this list is left to be claimed."),
    NoNext.NOT_FOR_YOU: Sentence("What is left to be claimed is for other roles."),
    NoNext.OTHERS_WERE_QUICKER: Sentence("Others were quicker; try again."),
}

router = APIRouter()
After = Annotated[str | None, Query(max_length=100)]


@router.get("/")
async def home(request: Request, _: AnyVisitor) -> RedirectResponse:
    """Go to where the visitor's work begins; whoever is not signed in, to where they do that."""
    principal = await admit(request, False)
    return RedirectResponse(home_of(principal) if principal else SIGN_IN, status_code=303)


@router.get("/inbox")
async def inbox(request: Request, visitor: LoggedIn, after: After = None) -> HTMLResponse:
    """Show a list, the views with their counts, and the filters."""
    query = read_query(request.query_params, visitor.caller)
    services = request.app.state.services
    found = await read_list(services, visitor.caller, query, after, {})
    return page(request, "inbox/index.html", await _values(request, visitor, found))


@router.get("/inbox/list")
async def refreshed(request: Request, visitor: LoggedIn, after: After = None) -> HTMLResponse:
    """Show the list and the counts as they are now; a line that has left says why, once."""
    query = read_query(request.query_params, visitor.caller)
    seen = read_seen(request.query_params)
    found = await read_list(request.app.state.services, visitor.caller, query, after, seen)
    return page(request, "inbox/refreshed.html", await _values(request, visitor, found))


@router.post("/inbox/claim")
async def claim(request: Request, visitor: Stepper, posted: PostedForm) -> Response:
    """Claim a task of the list and go to its case."""
    number = posted.get("number", "")
    services = request.app.state.services
    await submit_steps(services, visitor.caller, number, [Command(step=CLAIM)])
    return lead_to(request, f"/cases/{number}")


@router.post("/next")
async def next_task(request: Request, visitor: Stepper, posted: PostedForm) -> Response:
    """Claim the most urgent task that the visitor may do, once per page, and go to its case."""
    services, caller = request.app.state.services, visitor.caller
    query = read_query(request.query_params, caller) if request.query_params else None
    taken = await take_next(services, caller, query, posted.get("request") or None)
    if taken.row is not None:
        return lead_to(request, f"/cases/{taken.row.number}")
    why_none = taken.why_none or NoNext.NOTHING_LEFT
    values = {"why": WHY_NONE[why_none], "is_elsewhere": why_none is NoNext.NONE_IN_LIST}
    return page(request, "inbox/none_left.html", values)


@router.post("/views")
async def add_view(request: Request, visitor: LoggedIn, posted: PostedForm) -> Response:
    """Save the list that the visitor looks at under a name."""
    new = read_new_view(posted)
    shown = await save_view(
        request.app.state.services, visitor.caller, new, posted.get("request") or None
    )
    return lead_to(request, link_to(shown.query or new.query))


@router.post("/views/{id}/remove")
async def delete_view(request: Request, visitor: LoggedIn, id: str) -> Response:
    """Remove a saved view."""
    await remove_view(request.app.state.services, visitor.caller, id)
    return lead_to(request, "/inbox")


async def _values(request: Request, visitor: Visitor, found: InboxList) -> dict[str, Any]:
    services, caller = request.app.state.services, visitor.caller
    saved = await list_saved_views(services, caller)
    readable = [view for view in saved if view.query is not None]
    queries = [InboxQuery(view=view) for view in View]
    queries += [view.query for view in readable if view.query is not None]
    *counts, total = await count_queries(services, caller, [*queries, found.query])
    colleagues = await read_colleagues(services, caller)
    owners = view_owners(caller)
    return values_of(found, counts, readable, colleagues) | {
        "kinds": [*CURRENT],
        "total": total,
        "measures_due": await count_due(services, caller),
        "may_batch": has_right(caller, Right.ACT_ON_MANY_CASES),
        "address": link_to,
        "address_of": address_of,
        "teams": [owner.id for owner in owners if owner.kind is ViewOwnerKind.TEAM],
    }
