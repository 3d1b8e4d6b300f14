"""`/v1/cases/{number}/diff`: a case entry by entry, each with what it changed."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import ResponseModel
from api.http.security import Caller
from app.case_past import diff_entries
from domain.read_models.diff import EntryDiff

router = APIRouter(prefix="/v1/cases", tags=["cases"])

MAX_ENTRIES = 500


class CaseDiff(ResponseModel):
    """What each entry changed, oldest first; `next` is the `after` of the next page, if any."""

    items: list[EntryDiff]
    next: int | None


@router.get("/{number}/diff", operation_id="get_diff", summary="See what each entry changed")
async def get_diff(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, le=10**9, description="Entries after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = 100,
) -> CaseDiff:
    """Return each entry with what it changed: state, holder, clocks, and who was notified."""
    items, more = await diff_entries(services, caller, number, after, limit)
    return CaseDiff(items=items, next=items[-1].entry.seq if more else None)
