"""`/ops/doctor`: what is wrong with the installation, and how to mend it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ops.doctor.checks import Level
from ops.jobs import Job
from ops.operations import DOCTOR
from web.pages.ops.shared import operations_of, page_or_panel, panel_or_way_back
from web.pages.ops.visitors import InstallationReader

router = APIRouter()
PATH = "/ops/doctor"
WORST_FIRST = (Level.WRONG, Level.WARNING, Level.OK)


@router.get(PATH)
async def show(request: Request, visitor: InstallationReader) -> HTMLResponse:
    """Show the newest findings, or how far the examination is."""
    job = operations_of(request).newest(DOCTOR)
    return page_or_panel(request, visitor, "doctor", _values(job))


@router.post(PATH)
async def examine(request: Request, visitor: InstallationReader) -> Response:
    """Begin to examine the installation, unless somebody has."""
    job = operations_of(request).examine()
    return panel_or_way_back(request, visitor, "doctor", _values(job), PATH)


def _values(job: Job | None) -> dict[str, Any]:
    findings = job.result or [] if job else []
    counts = {level.value: sum(f.level is level for f in findings) for level in WORST_FIRST}
    ordered = sorted(findings, key=lambda finding: WORST_FIRST.index(finding.level))
    return {"job": job, "findings": ordered, "counts": counts}
