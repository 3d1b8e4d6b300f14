"""`/drafts`, where forms are kept as they are typed; `/me/drafts`, what one did not send."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from app.colleagues import Colleagues, read_colleagues
from app.drafts import (
    NEW,
    NOTE,
    PUBLIC_NOTE,
    ListedDraft,
    SavedDraft,
    discard_draft,
    get_draft,
    list_drafts,
    save_draft,
)
from app.errors import NotFound
from app.news import Seen
from app.scheduled_messages import drop_message, list_messages
from app.step_forms import form_of, form_schema, processes_of
from app.texts import Texts
from domain.case_numbers import is_case_number
from domain.engine.kept_policy import KeptPolicy
from domain.language.forms import Form
from i18n.labels import label
from store.db.clock import utc_now
from store.scheduled.records import ScheduledMessage
from store.scheduled.scheduled_messages import DRAFT_OF_MESSAGE
from web.forms.fields import GroupField
from web.forms.gist import gist
from web.forms.kept import read_counter, read_known
from web.forms.schema import read_schema
from web.forms.words import Words
from web.http.posted import Posted, PostedForm
from web.pages.cases.submit import kind_of
from web.pages.cases.views import REWIND
from web.pages.customers.form import NAME, REASON
from web.pages.new_case.form import opening_form
from web.rendering.pages import page
from web.rendering.recipients import with_names
from web.rendering.texts import Sentence, translate
from web.rendering.times import short_moment
from web.visitor import LoggedIn, SignedOut, Visitor

MINE: Final = "/me/drafts"
BESIDE: Final = {
    NOTE: (Sentence("Internal note"), "note-form-body"),
    PUBLIC_NOTE: (Sentence("Entry on the customer's record"), "composer-public"),
    DRAFT_OF_MESSAGE: (Sentence("Message to the customer"), "composer-message"),
}
"""What is written beside the form of a step: what it is called, and where it is on the page."""

router = APIRouter()


@dataclass(frozen=True)
class DraftLine:
    """A draft in the list: what it is, how it begins, and where its form is."""

    subject: str
    counter: int
    what: str
    number: str | None
    text: str
    saved_at: datetime
    link: str | None


@router.post("/drafts")
async def keep(request: Request, visitor: LoggedIn, posted: PostedForm) -> JSONResponse:
    """Keep what is typed into a form, unless something newer is kept or it was sent since.

    What was written elsewhere and not seen where this is typed stays, too, and is told of.
    """
    _check_person(visitor, posted)
    services, seen = request.app.state.services, posted.get("seen")
    version = Seen.read(seen).version if seen else None
    subject, counter = posted.get("draft", ""), read_counter(posted)
    kept = await save_draft(
        services, visitor.caller, subject, posted.fields(), counter, version, read_known(posted)
    )
    at = short_moment(kept.draft.saved_at, utc_now(), services.business_zone, visitor.locale)
    said = translate("Saved %(time)s", visitor.locale, time=at) if kept.is_saved else ""
    answer = {"saved": kept.is_saved, "counter": kept.draft.counter, "said": said}
    if _is_elsewhere(kept, read_known(posted)):
        told = translate("Also written elsewhere at %(time)s:", visitor.locale, time=at)
        colleagues = await read_colleagues(services, visitor.caller)
        text = _gist(ListedDraft(kept.draft, None), visitor.locale, colleagues)
        answer["elsewhere"] = {"said": told, "text": text}
    return JSONResponse(answer)


@router.post("/drafts/discard")
async def discard(request: Request, visitor: LoggedIn, posted: PostedForm) -> Response:
    """Discard a draft, unless a newer one is there."""
    _check_person(visitor, posted)
    subject, counter = posted.get("draft", ""), read_counter(posted)
    services, known = request.app.state.services, read_known(posted)
    await discard_draft(services, visitor.caller, subject, counter, known)
    return Response(status_code=204) if request.headers.get("hx-request") else _back()


@router.get(MINE)
async def mine(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """List what the visitor typed and did not send, and messages that wait or were not sent."""
    services, caller = request.app.state.services, visitor.caller
    colleagues = await read_colleagues(services, caller)
    listed = await list_drafts(services, caller)
    drafts = [_line(each, visitor.locale, colleagues) for each in listed]
    messages = await list_messages(services, caller)
    texts: Texts = request.app.state.texts
    failed = [each for each in messages if each.code]
    reasons = {each.id: _reason(each, texts, visitor.locale, colleagues) for each in failed}
    values: dict[str, Any] = {
        "drafts": drafts,
        "messages": messages,
        "reasons": reasons,
        "colleagues": colleagues,
    }
    return page(request, "drafts/index.html", values)


@router.post("/me/messages/{message}/drop")
async def drop(request: Request, visitor: LoggedIn, message: str) -> Response:
    """Drop a message of the visitor's that was not sent."""
    await drop_message(request.app.state.services, visitor.caller, message)
    return _back()


@router.post("/me/messages/{message}/again")
async def write_again(request: Request, visitor: LoggedIn, message: str) -> Response:
    """Put the text of a message that was not sent into its form, unless another one is there.

    Raises:
        NotFound: there is no such message of the visitor's.
    """
    services, caller = request.app.state.services, visitor.caller
    listed = await list_messages(services, caller)
    found = next((each for each in listed if each.id == message and each.ended_at), None)
    if found is None:
        raise NotFound
    subject = f"{found.number}/{DRAFT_OF_MESSAGE}"
    draft = await get_draft(services, caller, subject)
    if draft is None or draft.content is None:
        counter = draft.counter + 1 if draft else 1
        await save_draft(services, caller, subject, [("/text", found.text)], counter, known=())
        await drop_message(services, caller, message)
    _, place = BESIDE[DRAFT_OF_MESSAGE]
    return RedirectResponse(f"/cases/{found.number}#{place}", status_code=303)


def _check_person(visitor: Visitor, posted: Posted) -> None:
    """Check that who is signed in is still the person whose page this is.

    Raises:
        SignedOut: another one has signed in since in this browser.
    """
    if posted.get("person", visitor.caller.id) != visitor.caller.id:
        raise SignedOut


def _line(listed: ListedDraft, locale: str, colleagues: Colleagues) -> DraftLine:
    draft = listed.draft
    return DraftLine(
        subject=draft.subject,
        counter=draft.counter,
        what=_what(listed, locale),
        number=draft.number,
        text=_gist(listed, locale, colleagues),
        saved_at=draft.saved_at,
        link=_link(listed),
    )


def _is_elsewhere(kept: SavedDraft, known: Collection[int] | None) -> bool:
    """Say whether a draft that was not seen where something is typed kept that from being saved."""
    draft = kept.draft
    is_there = not kept.is_saved and draft.content is not None
    return is_there and known is not None and draft.counter not in known


def _gist(listed: ListedDraft, locale: str, colleagues: Colleagues) -> str:
    """Return what tells most of a draft."""
    number, about = listed.draft.number, listed.about
    if listed.customer is not None:
        typed = dict(listed.draft.content or ())
        return typed.get(REASON) or typed.get(NAME, "")
    kind = about.partition("/")[0] if number is None else kind_of(number)
    return gist(_form(listed), listed.draft.content or (), Words(kind, locale), colleagues.name)


def _form(listed: ListedDraft) -> GroupField | None:
    """Return the form of a draft; None where all that is typed is text."""
    number, about = listed.draft.number, listed.about
    if about in BESIDE:
        return None
    if number is None:
        return opening_form(about.partition("/")[0])
    processes = processes_of(number, listed.case)
    forms = ((process.kind, form_of(process, about)) for process in processes)
    return next((_schema(kind, form, listed.policy) for kind, form in forms if form), None)


@cache
def _schema(kind: str, form: type[Form], policy: KeptPolicy | None) -> GroupField:
    return read_schema(form_schema(kind, form, policy))


def _what(listed: ListedDraft, locale: str) -> str:
    number, about = listed.draft.number, listed.about
    if listed.customer is not None:
        return translate("Correct the record", locale)
    if number is None:
        kind = label(f"kind.{about.partition('/')[0]}", locale, about.partition("/")[0])
        return f"{translate('New case', locale)} · {kind}"
    if beside := BESIDE.get(about):
        return translate(beside[0], locale)
    return label(f"step.{about}", locale, kind_of(number))


def _link(listed: ListedDraft) -> str | None:
    """Return the page that opens the form with the draft; none where the case is not to be seen."""
    draft, about = listed.draft, listed.about
    if listed.customer is not None:
        return f"/customers/{quote(listed.customer, safe='')}"
    if draft.number is None:
        kind, _, of = about.partition("/")
        comes_of = "parent" if is_case_number(of) else "customer"
        return f"/cases/{NEW}/{kind}" + (f"?{comes_of}={quote(of, safe='')}" if of else "")
    if listed.case is None:
        return None
    if beside := BESIDE.get(about):
        return f"/cases/{draft.number}#{beside[1]}"
    if about == REWIND:
        return f"/cases/{draft.number}/{REWIND}/{dict(draft.content or ()).get('/to', '1')}"
    return f"/cases/{draft.number}?step={about}#step"


def _reason(message: ScheduledMessage, texts: Texts, locale: str, colleagues: Colleagues) -> str:
    code, kind = message.code or "", message.kind or ""
    params = with_names(message.params or {}, colleagues, locale)
    return texts.say(code, params, locale, kind=kind, otherwise=code)


def _back() -> Response:
    return RedirectResponse(MINE, status_code=303)
