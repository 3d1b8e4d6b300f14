"""`/v1/cases/{number}/archive`: what is archived of a case's finished runs."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import CaseSummary, ResponseModel
from api.http.security import Caller
from app import archived_runs
from app.archived_runs import ArchivedRun, list_archived_runs, read_archived_run

router = APIRouter(prefix="/v1/cases/{number}/archive", tags=["cases"])

Run = Annotated[str, Path(description="The run's id, as the list names it.", max_length=64)]


class ArchivedRuns(ResponseModel):
    """The archived runs of a case, the first run first."""

    items: list[ArchivedRun]


class ArchivedRunDetails(archived_runs.ArchivedRunDetails):
    """An archived run: the case and its entries at its end, and Temporal's own JSON of it.

    `code` is the build that archived it.
    """

    case: CaseSummary


@router.get("", operation_id="list_archived_runs", summary="List what is archived of a case")
async def list_runs(services: ServicesDep, caller: Caller, number: Number) -> ArchivedRuns:
    """Return the finished runs, also those Temporal has forgotten. An open case may have none."""
    return ArchivedRuns(items=await list_archived_runs(services, caller, number))


@router.get("/{run}", operation_id="get_archived_run", summary="Read an archived run")
async def get_run(
    services: ServicesDep, caller: Caller, number: Number, run: Run
) -> ArchivedRunDetails:
    """Return the case and its entries as of the end of the run, and Temporal's own history."""
    return ArchivedRunDetails.model_validate(await read_archived_run(services, caller, number, run))
