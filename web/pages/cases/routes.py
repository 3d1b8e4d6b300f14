"""`/cases/{number}`: the page of a case, and the parts of it that are fetched by themselves."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.authorization import Right, check_right
from app.case_page import read_step_form
from app.duplicates import duplicates_of
from app.errors import NotFound
from app.flow import read_case_flow
from app.read_cases import get_case_row, is_awaited, load_case
from app.service_record import read_for_record
from app.texts import Texts
from app.timeline import Sort, read_timeline
from domain.engine.merged import MERGE
from ops.record import Material, Printer, PrinterBusy, PrintJob, RecordTooLong
from store.db.clock import utc_now
from web.forms.kept import kept_draft
from web.http.redirects import lead_to
from web.http.troubles import Trouble
from web.pages.cases.lines import read_stream_place
from web.pages.cases.page import (
    PAGE,
    OpenForm,
    case_view,
    changed_since,
    first_step,
    new_step,
    page_values,
    plan,
)
from web.pages.cases.submit import template_of
from web.pages.cases.views import NOTIFY, REWIND, Attempt, CaseView, subject_of
from web.pictures.process import case_picture
from web.rendering.pages import page as show
from web.visitor import LoggedIn, Visitor

ACCEPTED, UNAVAILABLE = 202, 503
SEEN_LENGTH: Final = 8000
MOST_SHOWN: Final = 200

router = APIRouter()
SortQuery = Annotated[Sort | None, Query(alias="show")]


@router.get("/cases/{number}")
async def case(
    request: Request,
    visitor: LoggedIn,
    number: str,
    sort: SortQuery = None,
    step: Annotated[str | None, Query(max_length=64)] = None,
    unclaimed: bool = False,
) -> HTMLResponse:
    """Show a case; with `step` the form of that step is open.

    `unclaimed`: it was to be claimed when it was started, and was not.
    """
    try:
        view = await case_view(request, visitor, number)
    except NotFound:
        if not await is_awaited(request.app.state.services, visitor.caller, number):
            raise
        values = {"number": number, "unclaimed": unclaimed}
        return show(request, "cases/awaited.html", values, status=ACCEPTED)
    values = await page_values(view, sort) | {"unclaimed": unclaimed}
    if opened := step or first_step(view):
        values["open"] = await new_step(view, opened)
    return show(request, "cases/page.html", values)


@router.get("/cases/{number}/arrival")
async def arrival(
    request: Request, visitor: LoggedIn, number: str, unclaimed: bool = False
) -> Response:
    """Lead to a case that was started once it is recorded; until then there is nothing to say."""
    services, caller = request.app.state.services, visitor.caller
    if await is_awaited(services, caller, number):
        return Response(status_code=204)
    row = await get_case_row(services, caller, number)
    return lead_to(request, f"/cases/{row.number}{'?unclaimed=1' if unclaimed else ''}")


@router.get("/cases/{number}/parts")
async def parts(
    request: Request,
    visitor: LoggedIn,
    number: str,
    sort: SortQuery = None,
    seen: Annotated[str, Query(max_length=SEEN_LENGTH)] = "",
    shown: Annotated[str, Query(max_length=4)] = "",
    draft: Annotated[str, Query(max_length=200)] = "",
    key: Annotated[str, Query(alias="request", max_length=200)] = "",
) -> HTMLResponse:
    """Show all parts that nobody types into as they are now; open forms are left alone.

    With `seen`, how far the person saw the case whose form is open, what others did since is told,
    and whether the step was taken that the form is of, by its `draft` and `request`; as many items
    of the timeline come as were `shown`.
    """
    view = await case_view(request, visitor, number)
    limit = int(shown) if shown.isascii() and shown.isdecimal() else PAGE
    values = await page_values(view, sort, max(PAGE, min(limit, MOST_SHOWN)))
    if seen:
        values |= await changed_since(view, seen, OpenForm(draft, key))
    return show(request, "cases/refreshed.html", values)


@router.get("/cases/{number}/steps")
async def no_step(request: Request, visitor: LoggedIn, number: str) -> Response:
    """Close the form of a step.

    Raises:
        NotFound, NumberMisread
    """
    await get_case_row(request.app.state.services, visitor.caller, number)
    return Response(media_type="text/html")


@router.get("/cases/{number}/steps/{step}")
async def step_form(request: Request, visitor: LoggedIn, number: str, step: str) -> HTMLResponse:
    """Show the form of a step, or of an action on the task; a rewind has its own address."""
    if step == REWIND:
        raise NotFound
    view = await case_view(request, visitor, number)
    return await _form(view, step, {"open": await new_step(view, step, focus="")})


@router.get("/cases/{number}/rewind/{to}")
async def rewind_form(
    request: Request,
    visitor: LoggedIn,
    number: str,
    to: Annotated[int, Path(ge=1, le=100_000)],
) -> HTMLResponse:
    """Show the plan to take the case back to an entry, and the form to do it."""
    view = await case_view(request, visitor, number)
    found = await read_step_form(request.app.state.services, visitor.caller, number, REWIND)
    planned = await plan(view, found, to, await _rewind_draft(view, to))
    return await _form(view, REWIND, {"open": planned.open, "rewind": planned})


@router.get("/cases/{number}/timeline")
async def timeline(
    request: Request,
    visitor: LoggedIn,
    number: str,
    sort: SortQuery = None,
    before: Annotated[str | None, Query(max_length=200)] = None,
) -> HTMLResponse:
    """Show the timeline, or with `before` its older items."""
    view = await case_view(request, visitor, number)
    services, place = request.app.state.services, read_stream_place(before)
    items = await read_timeline(services, visitor.caller, view.page.loaded, sort, place, PAGE)
    values = view.values() | view.timeline(items, sort)
    return show(request, f"cases/{'older' if place else 'timeline'}.html", values)


@router.get("/cases/{number}/duplicates")
async def duplicates(request: Request, visitor: LoggedIn, number: str) -> HTMLResponse:
    """Show the cases that may be about the same, with the way to merge this one into each."""
    services, caller = request.app.state.services, visitor.caller
    loaded = await load_case(services, caller, number, visitor.locale)
    check_right(caller, Right.READ_ALL_CASES)
    values = {
        "number": number,
        "duplicates": await duplicates_of(services, caller, loaded),
        "may_merge": MERGE in loaded.task_actions(),
    }
    return show(request, "cases/duplicates.html", values)


@router.get("/cases/{number}/picture")
async def picture(request: Request, visitor: LoggedIn, number: str) -> HTMLResponse:
    """Show the picture of the process with the way of this case."""
    services, locale = request.app.state.services, visitor.locale
    loaded = await load_case(services, visitor.caller, number, locale)
    flow = await read_case_flow(services, visitor.caller, number, locale)
    drawn = case_picture(loaded.process, flow, locale, "case-process")
    return show(request, "cases/picture.html", {"picture": drawn})


@router.get("/cases/{number}/record.pdf")
async def record(request: Request, visitor: LoggedIn, number: str, edition: str = "") -> Response:
    """Return the written service record as a file: the customer's, or ours with the money."""
    services = request.app.state.services
    inside = edition == "internal"
    material = Material(*await read_for_record(services, visitor.caller, number, inside=inside))
    printer: Printer = request.app.state.printer
    job = PrintJob(material, visitor.locale, services.business_zone, utc_now())
    try:
        content = await printer.file(job)
    except (PrinterBusy, RecordTooLong) as error:
        return _not_printed(request, visitor, error)
    name = f"{number}-internal" if inside else number
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


async def _form(view: CaseView, step: str, opened: dict[str, Any]) -> HTMLResponse:
    """Return a form as a part of the page; where no script asks for it, the page with it."""
    if view.request.headers.get("hx-request"):
        return show(view.request, template_of(step), view.values() | opened)
    values = await page_values(view)
    shown = {"message": opened["open"]} if step == NOTIFY else opened
    return show(view.request, "cases/page.html", values | shown)


async def _rewind_draft(view: CaseView, to: int) -> Attempt | None:
    """Return what was typed to take the case back to this entry, if anything was."""
    number = view.page.details.case.number
    draft = await kept_draft(view.services, view.visitor.caller, subject_of(number, REWIND))
    if draft.pairs is None or draft.text("/to") != str(to):
        return None
    return Attempt(draft.pairs, view.new_key(), draft=draft)


def _not_printed(request: Request, visitor: Visitor, error: Exception) -> Response:
    texts: Texts = request.app.state.texts
    code = "printer_busy" if isinstance(error, PrinterBusy) else "record_too_long"
    said = texts.say(code, {}, visitor.locale, otherwise=code)
    trouble = Trouble(code, UNAVAILABLE, texts.title(code, visitor.locale), said, {})
    values = {"trouble": trouble, "trace": request.state.trace_id}
    return show(request, "trouble.html", values, status=UNAVAILABLE)
