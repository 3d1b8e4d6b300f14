"""`/ops/dead-letters`: messages that were given up: sending them again, or setting them aside."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.colleagues import read_colleagues
from app.dead_letters import (
    count_to_redrive,
    list_dead_letters,
    put_back_dead_letter,
    redrive_dead_letters,
    set_aside_dead_letter,
)
from app.errors import NotFound
from cases import CURRENT
from domain.case_numbers import prefix_of
from store.outbox.records import Delivery, OutboxRow
from web.http.places import id_of_row, instant, place_text, read_place, whole
from web.http.posted import PostedForm
from web.http.troubles import is_partial
from web.pages.ops.shared import (
    PAGE,
    page_or_panel,
    services_of,
)
from web.pages.ops.visitors import Reader
from web.rendering.messages import message_words
from web.rendering.pages import page
from web.rendering.recipients import recipient

router = APIRouter()
PATH = "/ops/dead-letters"
ASIDE: Final = "yes"
KINDS: Final = {process.prefix: kind for kind, process in CURRENT.items()}
PLACE = (instant, id_of_row, whole, whole)


@router.get(PATH)
async def show(
    request: Request, visitor: Reader, after: str | None = None, aside: str = ""
) -> HTMLResponse:
    """Show the messages that were given up, or those set aside, the oldest first."""
    services, caller, place = services_of(request), visitor.caller, read_place(after, PLACE)
    if aside not in {"", ASIDE}:
        raise NotFound
    status = Delivery.SET_ASIDE if aside else Delivery.DEAD
    listed = await list_dead_letters(services, caller, place, PAGE, status)
    colleagues = await read_colleagues(services, caller)
    values: dict[str, Any] = {
        "letters": [(row, _message(row, visitor.locale)) for row in listed.items],
        "next": place_text(listed.next),
        "is_first": place is None,
        "aside": bool(aside),
        "to_redrive": await count_to_redrive(services, caller),
        "colleagues": colleagues,
        "recipient": lambda to: recipient(to, colleagues, visitor.locale),
    }
    return page_or_panel(request, visitor, "dead_letters", values)


@router.post(PATH)
async def redrive(request: Request, visitor: Reader, posted: PostedForm) -> Response:
    """Send the messages of a case, or of all cases, again."""
    number = posted.get("number") or None
    count = await redrive_dead_letters(services_of(request), visitor.caller, number)
    said = {"sort": "sent", "count": count, "number": number}
    return _outcome(request, said, PATH)


@router.post(PATH + "/aside")
async def set_aside(request: Request, visitor: Reader, posted: PostedForm) -> Response:
    """Set one message aside, for a reason."""
    done = await set_aside_dead_letter(services_of(request), visitor.caller, dict(posted))
    return _outcome(request, {"sort": "aside", "count": int(done), "number": "one"}, PATH)


@router.post(PATH + "/back")
async def put_back(request: Request, visitor: Reader, posted: PostedForm) -> Response:
    """Put one message back that was set aside."""
    done = await put_back_dead_letter(services_of(request), visitor.caller, dict(posted))
    said = {"sort": "back", "count": int(done), "number": "one"}
    return _outcome(request, said, f"{PATH}?aside={ASIDE}")


def _outcome(request: Request, said: dict[str, Any], back: str) -> Response:
    if not is_partial(request):
        return RedirectResponse(back, status_code=303)
    return page(request, "ops/dead_letters/outcome.html", said)


def _message(row: OutboxRow, locale: str) -> str:
    """Return what a message says; the name of its template if that has no words."""
    return message_words(row, KINDS.get(prefix_of(row.number), ""), locale) or row.template
