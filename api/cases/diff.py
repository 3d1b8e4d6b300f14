"""`/v1/cases/{number}/walk`: a case entry by entry, each with what it changed."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import Answer
from api.http.security import Caller
from app.case_past import entries_of
from app.read_cases import process_of
from domain.engine.messages import opening_of
from domain.read_models.diff import EntryDiff, entry_diffs

router = APIRouter(prefix="/v1/cases", tags=["cases"])

MOST = 500


class Walk(Answer):
    """What each entry changed, the oldest first; `next` is the `after` of those that follow."""

    items: list[EntryDiff]
    next: int | None


@router.get("/{number}/walk", operation_id="walk_case", summary="Walk through a case")
async def walk_case(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, le=10**9, description="Entries after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Walk:
    """Entry by entry: where it led, who holds it, what became of the clocks, who was told."""
    entries = await entries_of(services, caller, number)
    walked = entry_diffs(process_of(entries), opening_of(entries[0]), entries)
    items = list(islice(walked, after, after + limit))
    more = after + limit < len(entries)
    return Walk(items=items, next=items[-1].entry.seq if more else None)
