"""What is sent from the page of a case: steps, actions on its task, messages to the customer."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.authentication import Principal
from app.case_page import StepForm, read_step_form
from app.error_codes import category_of
from app.errors import AppError, Fault, NotFound
from app.expected_errors import EXPECTED, app_error
from app.news import News, Seen, by_others, check_seen
from app.scheduled_messages import send_message
from app.services import Services
from app.submit_steps import submit_steps
from cases import CURRENT
from domain.case_numbers import prefix_of
from domain.engine.messages import Command
from domain.errors import Category, Stale
from domain.language.entries import MOVES
from i18n.labels import label
from store.errors import StoreDown
from web.forms.kept import retyped, sent
from web.forms.schema import read_schema
from web.forms.typed import read_form, with_changed_rows
from web.http.posted import PostedForm
from web.http.troubles import STATUS
from web.pages.cases.page import case_view, first_step, new_step, open_step, page_values
from web.pages.cases.views import CLAIM, NOTIFY, REWIND, Attempt, CaseView, StepView, subject_of
from web.rendering.pages import page as show
from web.rendering.texts import Sentence, translate
from web.visitor import Stepper, Visitor

OUTDATED: Final = STATUS[Category.OUTDATED]

DONE: Final = {
    "note": Sentence("Internal note"),
    "public_note": Sentence("Entry on the customer's record"),
    "read": Sentence("Marked as read"),
    "call_back": Sentence("Called back: it is not sent"),
    "attached": Sentence("Attach a file"),
    "erased": Sentence("Erase an attachment"),
}
"""What was done that is no step of a case."""
BESIDE: Final = frozenset({*DONE, NOTIFY})
"""What is sent from forms of its own, beside the form of a step."""

router = APIRouter()


@router.post("/cases/{number}/steps/{step}")
async def take_step(
    request: Request, visitor: Stepper, number: str, step: str, posted: PostedForm
) -> Response:
    """Take a step, or do something with the task; what is refused is shown with what was typed."""
    services, caller = request.app.state.services, visitor.caller
    found = await read_step_form(services, caller, number, step)
    form, zone = read_schema(found.schema), services.business_zone
    pairs, key = posted.fields(), posted.get("request", "")
    draft = retyped(subject_of(number, step), posted)
    if (changed := with_changed_rows(form, posted, pairs, zone)) is not None:
        rows, focus = changed
        return await _again(
            request, visitor, number, found, Attempt(rows, key, focus=focus, draft=draft), 200
        )
    seen = Seen.read(posted.get("seen", ""))
    news = await _news(services, caller, number, seen)
    is_lost = step == CLAIM and news is not None and is_held_by_another(caller, news)
    if news is not None and not is_lost and not is_own(caller, news):
        attempt = Attempt(pairs, key, news=news, draft=draft)
        return await _again(request, visitor, number, found, attempt, OUTDATED)
    try:
        body = read_form(form, pairs, zone)
        versions = None if is_lost else _versions(seen, news)
        await _send(services, caller, number, Command(step=step, form=body), key, versions)
    except EXPECTED as failure:
        error = _shown(failure)
        again = await _news(services, caller, number, seen) if error.code == Stale.code else None
        attempt = Attempt(pairs, key, error, again, draft=draft)
        status = STATUS[category_of(error.code)]
        return await _again(request, visitor, number, found, attempt, status)
    await sent(services, caller, draft.subject, posted)
    return await done(request, visitor, number, step, before=found)


async def _send(
    services: Services,
    caller: Principal,
    number: str,
    command: Command,
    key: str,
    versions: Sequence[int] | None,
) -> None:
    """Take a step for these versions of the case; a message waits to be called back.

    Raises:
        AppError: nothing happened.
        EngineDown, StoreDown: whether it happened is unknown.
    """
    text = command.form.get("text")
    if command.step == NOTIFY and isinstance(text, str):
        await send_message(services, caller, number, text, key=key or None)
        return
    await submit_steps(services, caller, number, [command], key=key or None, if_match=versions)


def _versions(seen: Seen, news: News | None) -> list[int]:
    """Return the versions of the case that the caller knows: those shown, and of their own acts."""
    own = [each.seq for each in news.entries if each.type in MOVES] if news else []
    return [seen.version, *own]


async def _news(services: Services, caller: Principal, number: str, seen: Seen) -> News | None:
    """Return what is new of the case; None while the store is down, since a step needs it not."""
    with suppress(StoreDown):
        return await check_seen(services, caller, number, seen)
    return None


def is_own(caller: Principal, news: News) -> bool:
    """Say whether all that is new and would stop somebody was done by the caller themselves."""
    return not news.stops or not any(by_others(caller, news))


def is_held_by_another(caller: Principal, news: News) -> bool:
    """Say whether somebody else claimed the case first, so that the engine says who and when."""
    return news.case.assignee not in {None, caller.id}


def _shown(failure: Exception) -> AppError:
    """Return the error that is shown in the form.

    Raises:
        Exception: whether it was done is unknown; so the form stays in the browser as it is.
    """
    error = app_error(failure)
    if error is None or isinstance(category_of(error.code), Fault):
        raise failure
    return error


async def _again(
    request: Request,
    visitor: Visitor,
    number: str,
    found: StepForm,
    attempt: Attempt,
    status: int,
) -> Response:
    """Show a form again with what was typed: a part of the page, or the page with it."""
    view = await case_view(request, visitor, number)
    opened = await open_step(view, found, attempt)
    if not request.headers.get("hx-request"):
        values = await page_values(view)
        shown = {"message": opened["open"]} if found.step == NOTIFY else opened
        return show(request, "cases/page.html", values | shown, status=status)
    if not found.schema["properties"]:
        # A button alone was pressed: the page says what is new, and the button may be pressed anew.
        values = await page_values(view) | {"stopped": opened["open"]}
        return show(request, "cases/refreshed.html", values, status=status)
    return show(request, template_of(found.step), view.values() | opened, status=status)


def template_of(step: str) -> str:
    """Return the template of a step's form."""
    return {NOTIFY: "cases/message_form.html", REWIND: "cases/rewind_form.html"}.get(
        step, "cases/step_form.html"
    )


async def done(
    request: Request,
    visitor: Visitor,
    number: str,
    step: str,
    unsent: str | None = None,
    *,
    before: StepForm | None = None,
) -> Response:
    """Show the case after something was done: its form is gone, the form of the next step open.

    `unsent` is the text of a message that was called back: it is in its form again, or, if
    another one was begun there, among its author's drafts. `before` says who held the case when
    a step was sent: who it has left hears where it is now.
    """
    name = DONE.get(step) or label(f"step.{step}", visitor.locale, kind_of(number))
    said = {"done": step, "done_name": translate(name, visitor.locale)}
    is_partial = bool(request.headers.get("hx-request"))
    with suppress(StoreDown):
        try:
            view = await case_view(request, visitor, number)
        except NotFound:
            part = "out_of_sight_part" if is_partial else "out_of_sight"
            return show(request, f"cases/{part}.html", {**said, "number": number})
        if not is_partial:
            return RedirectResponse(f"/cases/{number}", status_code=303)
        values = await page_values(view) | said
        if unsent is not None:
            message: StepView | None = values["message"]
            is_back = message is not None and message.draft.text("/text") == unsent
            values["called_back" if is_back else "is_elsewhere"] = message or True
        values["is_left"] = before is not None and has_left(view, before)
        if step not in BESIDE and (following := first_step(view)):
            values["open"] = await new_step(view, following, focus="")
        return show(request, "cases/refreshed.html", values)
    if not is_partial:
        return RedirectResponse(f"/cases/{number}", status_code=303)
    return show(request, "cases/durable.html", said)


def has_left(view: CaseView, before: StepForm) -> bool:
    """Say whether a step took the case from the visitor, closed it or gave it to somebody else."""
    case, caller = view.page.details.case, view.visitor.caller
    is_over = case.closed_at is not None
    if before.step in BESIDE or (case.assignee == caller.id and not is_over):
        return False
    is_moved = before.step in view.process.forms and (is_over or case.assignee is not None)
    return is_moved or before.holder == caller.id


def kind_of(number: str) -> str:
    """Return the kind of case that a number is of; every version calls its steps alike."""
    return next((p.kind for p in CURRENT.values() if p.prefix == prefix_of(number)), "")
