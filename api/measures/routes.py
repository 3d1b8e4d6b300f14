"""`/v1/measures`: improvement measures whose effect nobody checked yet."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.dependencies import ServicesDep
from api.http.schemas import ResponseModel
from api.http.security import Caller
from app import measures
from app.measures import MeasureFilter
from cases.common.measures import Standing
from domain.language.values import Code, Instant

router = APIRouter(prefix="/v1/measures", tags=["measures"])


class MeasuresQuery(BaseModel):
    """Which measures; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    owner: Code | None = Field(None, description="Whose: what the measure says.")
    own: bool = Field(False, description="Only the caller's own, and their teams'.")
    due: bool = Field(False, description="Only those that are overdue or due within three days.")


class Measure(ResponseModel):
    """An improvement measure that waits for its day, or for somebody to check its effect.

    `seq` is the entry of the case that records it, which `check_measure` names; `is_own`: it is the
    caller's, or a team's of theirs; `closed`: its case is closed.
    """

    number: str
    kind: str
    seq: int
    measure: str
    owner: str
    due: date
    standing: Standing
    recorded_at: Instant
    is_own: bool
    closed: bool


class MeasureList(ResponseModel):
    """The measures, those first that are due first; `more`: there are more than are listed."""

    items: list[Measure]
    more: bool


@router.get("", operation_id="list_measures", summary="List improvement measures")
async def list_measures(
    services: ServicesDep, caller: Caller, query: Annotated[MeasuresQuery, Query()]
) -> MeasureList:
    """Return the measures of all cases whose effect nobody checked yet, two hundred at most.

    For staff who see all cases. What is due soon or overdue also stands in its owner's inbox.
    """
    which = MeasureFilter(owner=query.owner, own=query.own, due=query.due)
    found = await measures.list_measures(services, caller, which)
    items = [Measure.model_validate(each) for each in found.items]
    return MeasureList(items=items, more=found.more)
