"""`/search`: cases by whatever a person has of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.colleagues import read_colleagues
from app.errors import AppError
from app.inbox import read_place, write_place
from app.search import Found, FoundBy, search
from web.http.troubles import trouble_of
from web.rendering.pages import page
from web.visitor import LoggedIn

router = APIRouter()


@router.get("/search")
async def find(
    request: Request,
    visitor: LoggedIn,
    q: str = "",
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Show what a text means; a case number leads to its case."""
    services, caller = request.app.state.services, visitor.caller
    try:
        found, trouble = await search(services, caller, q, read_place(after)), None
    except AppError as error:
        found, trouble = Found(), trouble_of(error, request.app.state.texts, visitor.locale)
    if len(found.items) == 1 and found.items[0].by is FoundBy.NUMBER:
        return RedirectResponse(f"/cases/{found.items[0].row.number}", status_code=303)
    values = {
        "q": q,
        "found": found,
        "next": write_place(found.next),
        "trouble": trouble,
        "colleagues": await read_colleagues(services, caller),
    }
    status = trouble.status if trouble else 200
    answer: HTMLResponse = page(request, "search/index.html", values, status=status)
    return answer
