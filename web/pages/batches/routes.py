"""`/batches`: one act for the cases that somebody chose in the inbox, tried first or done."""

import secrets
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from app.authorization import Right, check_right
from app.batches import start_batch
from app.chosen_cases import list_chosen, read_assignability
from app.colleagues import Colleagues, read_colleagues
from app.errors import AppError, NoCaseFits, Unacceptable, invalid
from app.expected_errors import field_faults
from app.new_batch import NewBatch, digest_of, select_cases
from app.step_forms import form_schema
from domain.engine.task_actions import OFFERED_ACTIONS
from domain.language.forms import field_errors
from web.forms.fields import GroupField
from web.forms.filled import fill
from web.forms.schema import read_schema
from web.forms.typed import Pairs, default_pairs, read_form
from web.forms.view import FormView
from web.forms.words import Words
from web.http.posted import Posted, PostedForm
from web.http.redirects import lead_to
from web.http.troubles import is_partial, trouble_of
from web.pages.inbox.lists import read_query
from web.pages.ops.batches import way_back
from web.rendering.navigation import INBOX
from web.rendering.pages import page
from web.rendering.texts import Sentence, translate
from web.visitor import LoggedIn, Visitor

ASSIGN: Final = "assign"
ACTS: Final = (ASSIGN, "prioritise", "hold", "release", "notify")
"""What is done to many cases; the form of each is the same in all kinds."""
ANY_KIND: Final = "complaint"
FITS_SOME: Final = Sentence("%(name)s: fits %(n)s of %(total)s cases")

router = APIRouter()


@router.get("/batches/new")
async def choose(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the forms of what can be done with the chosen cases, or with all of a view."""
    check_right(visitor.caller, Right.ACT_ON_MANY_CASES)
    services, asked = request.app.state.services, Posted(request.query_params.multi_items())
    if "all" in asked:
        query = read_query(QueryParams(parse_qsl(asked.get("query", ""))), visitor.caller)
        numbers = await select_cases(services, visitor.caller, query.where(visitor.caller))
    else:
        numbers = _numbers(asked)
    if not numbers:
        raise NoCaseFits
    values = await _values(request, visitor, asked, numbers, None, secrets.token_hex(8))
    return page(request, "batches/new.html", values)


@router.post("/batches")
async def begin(request: Request, visitor: LoggedIn, posted: PostedForm) -> Response:
    """Begin the batch and go to it; or show the form again with what is wrong."""
    services, caller = request.app.state.services, visitor.caller
    check_right(caller, Right.ACT_ON_MANY_CASES)
    step, numbers = _step(posted), _numbers(posted)
    pairs, key = posted.fields(), posted.get("request", "")
    try:
        new = _new_batch(
            posted, step, numbers, read_form(_form(step), pairs, services.business_zone)
        )
        # What follows a trial from the same page, or is mended on it, is another request.
        once = f"{key}-{digest_of(new)}" if key else None
        progress, _ = await start_batch(services, caller, new, once)
    except AppError as error:
        trouble = trouble_of(error, request.app.state.texts, visitor.locale)
        values = await _values(request, visitor, posted, numbers, pairs, key, error)
        values |= {"trouble": trouble}
        template = "batches/form.html" if is_partial(request) else "batches/new.html"
        return page(request, template, values, status=trouble.status)
    back = urlencode({"back": _list_of(posted)})
    return lead_to(request, f"/ops/batches/{progress.batch.id}?{back}")


def _step(posted: Posted) -> str:
    step = posted.get("step") or ACTS[0]
    if step not in ACTS:
        raise invalid("/step", "enum", f"There are {', '.join(ACTS)}.", expected=[*ACTS])
    return step


def _numbers(posted: Posted) -> list[str]:
    """Return the cases that were chosen one by one; each counts once."""
    return [*dict.fromkeys(posted.all("number") or posted.get("numbers", "").split())]


def _form(step: str) -> GroupField:
    """Return the form of an act; its reason is the batch's, which is asked anyway."""
    form = read_schema(form_schema(ANY_KIND, OFFERED_ACTIONS[step][0]))
    return replace(form, fields=tuple(each for each in form.fields if each.name != "reason"))


def _new_batch(posted: Posted, step: str, numbers: list[str], form: dict[str, Any]) -> NewBatch:
    body = {
        "numbers": numbers,
        "step": step,
        "form": form,
        "reason": posted.get("reason", ""),
        "dry_run": "try" in posted,
    }
    try:
        return NewBatch.model_validate(body)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None


async def _staff(
    request: Request, visitor: Visitor, step: str, numbers: list[str], people: Colleagues
) -> list[tuple[str, str]]:
    """Return to whom the chosen cases can be assigned; of how many, where it is not all."""
    if step != ASSIGN:
        return []
    services, caller = request.app.state.services, visitor.caller
    fits = await read_assignability(services, caller, numbers, people.staff)
    return [
        (each.id, each.name)
        if n == fits.cases
        else (
            each.id,
            translate(FITS_SOME, visitor.locale, name=each.name, n=n, total=fits.cases),
        )
        for each, n in fits.offered(people.staff)
    ]


def _list_of(posted: Posted) -> str:
    """Return the list from which the cases were chosen."""
    return way_back(f"{INBOX}?{posted.get('query', '')}") or INBOX


async def _values(
    request: Request,
    visitor: Visitor,
    posted: Posted,
    numbers: list[str],
    pairs: Pairs | None,
    key: str,
    error: AppError | None = None,
) -> dict[str, Any]:
    services, step = request.app.state.services, _step(posted)
    form = _form(step)
    zone = services.business_zone
    typed = default_pairs(form, zone) if pairs is None else pairs
    beside = ("/numbers", "/reason")
    faults = [f for f in (error.faults if error else ()) if not f.pointer.startswith(beside)]
    people = await read_colleagues(services, visitor.caller)
    chosen = await list_chosen(services, visitor.caller, numbers)
    options = {
        "staff": await _staff(request, visitor, step, numbers, people),
        "team": [(each.id, each.name) for each in people.teams],
    }
    root = fill(form, typed, zone, faults)
    words = Words(ANY_KIND, visitor.locale)
    texts = request.app.state.texts
    return {
        "numbers": numbers,
        "chosen": chosen,
        "colleagues": people,
        "all": "all" in posted,
        "query": posted.get("query", ""),
        "back": _list_of(posted),
        "reason": posted.get("reason", ""),
        "step": step,
        "acts": ACTS,
        "request": key,
        "trouble": None,
        "form": FormView("batch", "/batches", root, words, texts, options=options),
    }
