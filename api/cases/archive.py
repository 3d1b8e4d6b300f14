"""`/v1/cases/{number}/archive`: what is kept of a case's finished runs."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.security import Caller
from app.archived_runs import ArchivedRuns, OpenedRun, kept, opened, told

router = APIRouter(prefix="/v1/cases/{number}/archive", tags=["cases"])

Run = Annotated[str, Path(description="The run's id, as the list names it.", max_length=64)]


@router.get("", operation_id="list_archived_runs", summary="List what is archived of a case")
async def list_runs(services: ServicesDep, caller: Caller, number: Number) -> ArchivedRuns:
    """The finished runs; Temporal may have forgotten them. A case that goes on may have none."""
    files = await kept(services, caller, number)
    return ArchivedRuns(items=[await told(services, file) for file in files])


@router.get("/{run}", operation_id="get_archived_run", summary="Read an archived run")
async def get_run(services: ServicesDep, caller: Caller, number: Number, run: Run) -> OpenedRun:
    """The case and its entries as they stood at the end of the run, and Temporal's own history."""
    return await opened(services, caller, number, run)
