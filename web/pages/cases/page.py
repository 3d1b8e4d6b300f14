"""Reads a case for its page, and puts together what the templates are given."""

import re
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from app.attachments import list_attachments
from app.authorization import Right, has_right
from app.case_page import StepForm, read_case_page, read_step_form
from app.drafts import NOTE, PUBLIC_NOTE
from app.news import News, Seen, by_others, check_seen
from app.scheduled_messages import waiting_messages
from app.step_forms import form_of
from app.timeline import Sort, read_timeline
from domain.engine.task_actions import TASK_ACTIONS
from domain.language.entries import MOVES, REQUEST_TYPES
from web.forms.kept import KeptDraft, kept_draft
from web.pages.cases.rewind import RewindView, rewind_view
from web.pages.cases.views import NOTIFY, REWIND, Attempt, CaseView, StepView, subject_of
from web.visitor import Visitor

MOST_DIGITS: Final = 6
"""The number of an entry has no more."""
KEY: Final = re.compile(r"[0-9a-zA-Z]{1,64}")
"""The key of a form, by which its place on the page is known."""
PAGE: Final = 20
"""So many items of the timeline come at a time."""


async def case_view(request: Request, visitor: Visitor, number: str) -> CaseView:
    """Read a case for a visitor.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    services = request.app.state.services
    read = await read_case_page(services, visitor.caller, number, visitor.locale)
    return CaseView(request, visitor, read)


async def page_values(
    view: CaseView, sort: Sort | None = None, limit: int = PAGE
) -> dict[str, Any]:
    """Return what the whole page is given; no form of a step is open."""
    services, caller = view.services, view.visitor.caller
    items = await read_timeline(services, caller, view.page.loaded, sort, None, limit)
    message = await new_step(view, NOTIFY) if NOTIFY in view.page.details.task_actions else None
    waiting = await waiting_messages(services, caller, view.page.details.case.number)
    shown = {"message": message, "waiting": waiting, "open": None, "notes": await new_notes(view)}
    return {**view.values(), **view.timeline(items, sort), **shown, **await _files(view)}


async def _files(view: CaseView) -> dict[str, Any]:
    """Return what is attached to the case, and what to those that are merged into it."""
    details, caller = view.page.details, view.visitor.caller
    numbers = [details.case.number, *(each.number for each in details.joined)]
    own, *joined = [await list_attachments(view.services, caller, each) for each in numbers]
    return {"attachments": own, "joined_attachments": [file for each in joined for file in each]}


@dataclass(frozen=True)
class OpenForm:
    """The form of a step that is open in a browser: what it is about, and its key."""

    draft: str
    key: str


async def changed_since(view: CaseView, seen: str, form: OpenForm) -> dict[str, Any]:
    """Return what others did since a form was opened, and what became of its step meanwhile.

    Raises:
        Unacceptable: no page of ours wrote what was seen.
    """
    caller, number = view.visitor.caller, view.page.details.case.number
    news = await check_seen(view.services, caller, number, Seen.read(seen))
    lines = view.liner().entries(*by_others(caller, news))
    changed = {"lines": lines, "seen": str(news.seen)} if lines else None
    return {"changed": changed, "taken": _taken(view, news, form)}


def _taken(view: CaseView, news: News, form: OpenForm) -> dict[str, Any] | None:
    """Return who took the step of an open form, the visitor in another tab too, or what bars it."""
    step = form.draft.removeprefix(f"{view.page.details.case.number}/")
    shape = form_of(view.process, step)
    if shape is None or not KEY.fullmatch(form.key):
        return None
    acts = [each for each in news.entries if each.type in MOVES | REQUEST_TYPES]
    type = TASK_ACTIONS[step][1] if step in TASK_ACTIONS else None
    taken = [each for each in acts if each.step == step or each.type is type]
    # What is done with one of several requests may still be done with another one.
    if view.is_offered(step) and (not taken or type in REQUEST_TYPES):
        return None
    lines = view.liner().entries(taken or acts, ())
    told = {"lines": lines, "is_taken": bool(taken), "has_text": bool(shape.model_fields)}
    return {**told, "key": form.key} if lines else None


async def new_step(view: CaseView, step: str, focus: str | None = None) -> StepView:
    """Return the form of a step, or of an action on the task: empty, or with its draft.

    `focus` is the field that gets the focus; of the form itself, its first.

    Raises:
        NoSuchStep
    """
    services, number = view.services, view.page.details.case.number
    found = await read_step_form(services, view.visitor.caller, number, step)
    draft = await kept_draft(services, view.visitor.caller, subject_of(number, found.step))
    if draft.pairs is None:
        return view.step(found, focus=focus, draft=draft)
    return view.step(found, Attempt(draft.pairs, view.new_key(), focus=focus, draft=draft))


@dataclass(frozen=True)
class NoteView:
    """The form of a note: what was typed before, what is wrong with it, and who reads it."""

    text: str
    is_public: bool
    draft: KeptDraft
    error: str = ""


def note_subject(number: str, *, is_public: bool) -> str:
    """Return under what the draft of a note is kept."""
    return f"{number}/{PUBLIC_NOTE if is_public else NOTE}"


async def new_note(view: CaseView, *, is_public: bool) -> NoteView:
    """Return the form of a note: empty, or with its draft."""
    subject = note_subject(view.page.details.case.number, is_public=is_public)
    draft = await kept_draft(view.services, view.visitor.caller, subject)
    return NoteView(draft.text("/body"), is_public, draft)


async def new_notes(view: CaseView) -> dict[str, NoteView | None]:
    """Return the forms of the notes by their name; None for one that the visitor may not write."""
    caller = view.visitor.caller
    may_note = has_right(caller, Right.COMMENT_INTERNALLY)
    may_speak = has_right(caller, Right.COMMENT_PUBLICLY)
    return {
        NOTE: await new_note(view, is_public=False) if may_note else None,
        PUBLIC_NOTE: await new_note(view, is_public=True) if may_speak else None,
    }


async def open_step(
    view: CaseView, found: StepForm, attempt: Attempt | None = None
) -> dict[str, Any]:
    """Return what the template of a form is given: the form, of a rewind with its plan."""
    if found.step != REWIND or attempt is None:
        return {"open": view.step(found, attempt)}
    to = next((text for name, text in attempt.pairs if name == "/to"), "")
    is_entry = to.isascii() and to.isdecimal() and len(to) <= MOST_DIGITS
    planned = await plan(view, found, int(to) if is_entry else 0, attempt)
    return {"open": planned.open, "rewind": planned}


async def plan(
    view: CaseView, found: StepForm, to: int, attempt: Attempt | None = None
) -> RewindView:
    """Return the form to take the case back, with its plan."""
    services = view.services
    return await rewind_view(services, view.visitor.caller, view, found, to, attempt)


def first_step(view: CaseView) -> str | None:
    """Return the step whose form is open from the start: the main one, for its holder."""
    details = view.page.details
    if details.case.assignee != view.visitor.caller.id:
        return None
    main = view.steps.main
    return main.name if main else None
