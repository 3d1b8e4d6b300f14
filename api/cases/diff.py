"""`/v1/cases/{number}/diff`: a case entry by entry, each with what it changed."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import Answer
from api.http.security import Caller
from app.case_past import diff_entries
from domain.read_models.diff import EntryDiff

router = APIRouter(prefix="/v1/cases", tags=["cases"])

MOST = 500


class CaseDiff(Answer):
    """What each entry changed, the oldest first; `next` is the `after` of those that follow."""

    items: list[EntryDiff]
    next: int | None


@router.get("/{number}/diff", operation_id="get_diff", summary="See what each entry changed")
async def get_diff(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, le=10**9, description="Entries after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> CaseDiff:
    """Entry by entry: where it led, who holds it, what became of the clocks, who was told."""
    items, more = await diff_entries(services, caller, number, after, limit)
    return CaseDiff(items=items, next=items[-1].entry.seq if more else None)
