"""`/ops`: what needs an operator, at a glance."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.audit import read_log_status
from app.authorization import sees_installation
from app.batches import count_running_batches
from app.dead_letters import count_dead_letters
from ops.doctor.checks import Level
from ops.doctor.temporal import CHORES
from ops.failures import OperationFailed
from ops.operations import DOCTOR, INCIDENTS, VERIFY
from web.pages.ops.doctor import WORST_FIRST
from web.pages.ops.shared import made_at, operations_of, page_or_panel, services_of
from web.pages.ops.visitors import Reader
from web.visitor import Visitor

router = APIRouter()
T = TypeVar("T")


@router.get("/ops")
async def show(request: Request, visitor: Reader) -> HTMLResponse:
    """Show the counts, each with the way to what is counted."""
    return page_or_panel(request, visitor, "overview", await overview_values(request, visitor))


async def overview_values(request: Request, visitor: Visitor) -> dict[str, Any]:
    """Return what the overview shows; nothing is typed into its search yet."""
    services, caller = services_of(request), visitor.caller
    dead, batches, status = await asyncio.gather(
        count_dead_letters(services, caller),
        count_running_batches(services, caller),
        read_log_status(services, caller),
    )
    return {
        "dead": dead,
        "batches": batches,
        "status": status,
        "sealed_at": made_at(status.newest),
        "verification": operations_of(request).newest(VERIFY, caller.tenant),
        "installation": await _installation(request, visitor),
        "typed": "",
        "trouble": None,
    }


async def _installation(request: Request, visitor: Visitor) -> dict[str, Any] | None:
    """Return how engine, schedules and doctor are; None for staff of another tenant."""
    if not sees_installation(visitor.caller):
        return None
    operations = operations_of(request)
    broken, schedules = await asyncio.gather(
        _or_failure(operations.count_broken()), _or_failure(operations.schedules())
    )
    doctor = operations.newest(DOCTOR)
    findings = doctor.result or [] if doctor else []
    worst = min(findings, key=lambda each: WORST_FIRST.index(each.level), default=None)
    return {
        "broken": broken,
        "schedules": schedules,
        "missing": len(CHORES.keys() - {each.chore for each in schedules[0] or ()}),
        "incidents": operations.newest(INCIDENTS),
        "doctor": doctor,
        "worst": worst,
        "bad": sum(each.level is not Level.OK for each in findings),
    }


async def _or_failure(work: Awaitable[T]) -> tuple[T | None, str]:
    """Return the result, or why there is none: the others are shown all the same."""
    try:
        return await work, ""
    except OperationFailed as failure:
        return None, str(failure)
