"""`/ops/schedules`: what workers do regularly: when it is due, how it went, pausing it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.colleagues import read_colleagues
from app.errors import NotFound
from ops.doctor.temporal import CHORES
from ops.failures import OperationFailed
from ops.operations import ScheduleChange
from web.http.troubles import is_partial
from web.pages.ops.shared import operations_of, page_or_panel, services_of
from web.pages.ops.visitors import InstallationOperator, InstallationReader
from web.visitor import Visitor

router = APIRouter()
PATH = "/ops/schedules"


@router.get(PATH)
async def show(request: Request, visitor: InstallationReader) -> HTMLResponse:
    """Show the schedules."""
    return page_or_panel(request, visitor, "schedules", await _values(request, visitor))


@router.post(PATH + "/{chore}/{change}")
async def alter(
    request: Request, visitor: InstallationOperator, chore: str, change: str
) -> Response:
    """Pause a schedule, let it go on, or have its chore done at once."""
    if change not in [*ScheduleChange]:
        raise NotFound
    caller, failure = visitor.caller, ""
    wanted = ScheduleChange(change)
    try:
        operations = operations_of(request)
        await operations.change_schedule(caller.tenant, caller.by(), chore, wanted)
    except OperationFailed as failed:
        failure = str(failed)
    if not is_partial(request) and not failure:
        return RedirectResponse(PATH, status_code=303)
    values = await _values(request, visitor)
    done = {"chore": chore, "change": change, "failure": failure}
    return page_or_panel(request, visitor, "schedules", {**values, "done": done})


async def _values(request: Request, visitor: Visitor) -> dict[str, Any]:
    try:
        schedules, failure = await operations_of(request).schedules(), ""
    except OperationFailed as failed:
        schedules, failure = [], str(failed)
    there = {schedule.chore for schedule in schedules}
    missing = {} if failure else {name: cmd for name, cmd in CHORES.items() if name not in there}
    return {
        "schedules": schedules,
        "missing": missing,
        "failure": failure,
        "done": None,
        "colleagues": await read_colleagues(services_of(request), visitor.caller),
    }
