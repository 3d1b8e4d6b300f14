"""Notes on a case, for colleagues or for the customer's record; messages read or called back."""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from app.authorization import check_comment
from app.comments import add_comment, mark_comments_read
from app.drafts import save_draft
from app.errors import AppError
from app.expected_errors import field_faults
from app.scheduled_messages import call_back
from domain.language.forms import field_errors
from domain.language.values import Text
from store.comments import Visibility
from web.forms.kept import read_counter, read_known, retyped, sent
from web.http.posted import PostedForm
from web.pages.cases.page import NoteView, case_view, new_note, note_subject
from web.pages.cases.submit import done
from web.pages.cases.views import NOTIFY, subject_of
from web.rendering.pages import page as show
from web.visitor import LoggedIn

INVALID: Final = 422
CUSTOMER: Final = "customer"
_TEXT: Final[TypeAdapter[str]] = TypeAdapter(Text)

router = APIRouter()


@router.post("/cases/{number}/notes")
async def add_note(
    request: Request, visitor: LoggedIn, number: str, posted: PostedForm
) -> Response:
    """Save a note; it is for colleagues unless the form says that the customer reads it."""
    services, caller = request.app.state.services, visitor.caller
    body, is_public = posted.get("/body", ""), posted.get("audience") == CUSTOMER
    subject = note_subject(number, is_public=is_public)
    try:
        text = _TEXT.validate_python(body)
    except ValidationError as error:
        view = await case_view(request, visitor, number)
        draft = retyped(subject, posted)
        errors: list[dict[str, str]] = field_errors(error)  # type: ignore[assignment]
        told = [
            view.texts.fault(each.code, each.detail, visitor.locale, each.params)
            for each in field_faults(errors)
        ]
        note = NoteView(body, is_public, draft, " ".join(told))
        values = view.values() | {"note": note}
        return show(request, "cases/note_form.html", values, status=INVALID)
    visibility = Visibility.PUBLIC if is_public else Visibility.INTERNAL
    key = posted.get("request") or None
    await add_comment(services, caller, number, text, visibility, key)
    await sent(services, caller, subject, posted)
    return await done(request, visitor, number, "public_note" if is_public else "note")


@router.get("/cases/{number}/notes")
async def note_form(
    request: Request, visitor: LoggedIn, number: str, audience: str = ""
) -> Response:
    """Show the form of a note, with its draft; where no script asks for it, the page with it."""
    view = await case_view(request, visitor, number)
    is_public = audience == CUSTOMER
    check_comment(visitor.caller, Visibility.PUBLIC if is_public else Visibility.INTERNAL)
    if not request.headers.get("hx-request"):
        return RedirectResponse(f"/cases/{number}", status_code=303)
    note = await new_note(view, is_public=is_public)
    return show(request, "cases/note_form.html", view.values() | {"note": note})


@router.post("/cases/{number}/read")
async def mark_read(request: Request, visitor: LoggedIn, number: str) -> Response:
    """Mark what the customer wrote as read."""
    await mark_comments_read(request.app.state.services, visitor.caller, number)
    return await done(request, visitor, number, "read")


@router.post("/cases/{number}/messages/{message}/call-back")
async def call_message_back(
    request: Request, visitor: LoggedIn, number: str, message: str, posted: PostedForm
) -> Response:
    """Call a message to the customer back; its author has the text in the form again.

    What is posted is what stands in that form by now: it is kept first.
    """
    services, caller = request.app.state.services, visitor.caller
    if posted.get("/text", "").strip() and (counter := read_counter(posted)):
        with suppress(AppError):
            subject = subject_of(number, NOTIFY)
            fields, known = posted.fields(), read_known(posted)
            await save_draft(services, caller, subject, fields, counter, known=known)
    called = await call_back(services, caller, message)
    unsent = called.text if called.author == caller.id else None
    return await done(request, visitor, number, "call_back", unsent)
