"""`/ops/incidents`: cases that stand still for a technical reason, and trying them at once."""

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import NotFound
from ops.failures import OperationFailed
from ops.jobs import Job
from ops.operations import INCIDENTS
from web.http.troubles import is_partial
from web.pages.ops.shared import operations_of, page_or_panel, panel_or_way_back
from web.pages.ops.visitors import InstallationOperator, InstallationReader
from web.rendering.pages import page

router = APIRouter()
PATH = "/ops/incidents"
ID = re.compile(r"[A-Za-z0-9-]{1,80}")


@router.get(PATH)
async def show(request: Request, visitor: InstallationReader) -> HTMLResponse:
    """Show the newest incidents, or how far the look at all cases is."""
    job = operations_of(request).newest(INCIDENTS)
    return page_or_panel(request, visitor, "incidents", _values(job))


@router.post(PATH)
async def look(request: Request, visitor: InstallationReader) -> Response:
    """Begin to look at every running case, unless somebody has."""
    job = operations_of(request).look_for_incidents()
    return panel_or_way_back(request, visitor, "incidents", _values(job), PATH)


@router.get(PATH + "/{number}")
async def look_again(request: Request, _: InstallationReader, number: str) -> Response:
    """Show what fails in one case now, on the page that lists it."""
    _check_id(number)
    if not is_partial(request):
        return RedirectResponse(PATH, status_code=303)
    return await _row(request, number, {})


@router.post(PATH + "/{number}/retry")
async def retry(request: Request, visitor: InstallationOperator, number: str) -> Response:
    """Have what fails in a case tried at once, and say what came of it."""
    _check_id(number)
    caller = visitor.caller
    try:
        values = {"report": await operations_of(request).retry(caller.tenant, caller.by(), number)}
    except OperationFailed as failure:
        return await _row(request, number, {"failure": str(failure)})
    if not is_partial(request):
        return RedirectResponse(PATH, status_code=303)
    return await _row(request, number, values)


def _check_id(id: str) -> None:
    """Check that something may run under this id: a case under its number, a batch, a chore.

    Raises:
        NotFound
    """
    if not ID.fullmatch(id):
        raise NotFound


async def _row(request: Request, number: str, values: dict[str, Any]) -> HTMLResponse:
    """Return what is known of one case just now."""
    report, failure, incidents = values.get("report"), values.get("failure"), []
    if report is None and failure is None:
        try:
            incidents = await operations_of(request).incidents_of(number)
        except OperationFailed as failed:
            failure = str(failed)
    given = {"number": number, "report": report, "failure": failure, "incidents": incidents}
    return page(request, "ops/incidents/outcome.html", given)


def _values(job: Job | None) -> dict[str, Any]:
    return {"job": job, "looked_at": job.result if job else None}
