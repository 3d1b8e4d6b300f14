"""`/v1/cases`: start a case, list cases, read one with its history."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.cases.schemas import (
    CaseDetails,
    CaseHistory,
    CaseListItem,
    CasePage,
    CreatedCase,
)
from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep
from api.http.headers import IdempotencyKey, Number, etag, read_key
from api.http.paging import CaseQuery
from api.http.security import Caller
from app import read_cases
from app import start_case as starting
from app.case_past import past_case, read_history
from app.start_case import NewCase, StartedCase

router = APIRouter(prefix="/v1/cases", tags=["cases"])

MAX_ENTRIES = 500


@router.post(
    "",
    operation_id="start_case",
    summary="Start a case",
    status_code=status.HTTP_201_CREATED,
    response_model=CreatedCase,
    responses={202: {"model": CreatedCase, "description": "Durable, not yet recorded."}},
)
async def start_case(
    request: Request,
    services: ServicesDep,
    caller: Caller,
    new: NewCase,
    idempotency_key: IdempotencyKey,
) -> JSONResponse:
    """Start a case, once per `Idempotency-Key` or `external_ref`; one of the two is required.

    The same again gets the same response: 202 until the case is recorded, then 201 with the case
    as it was recorded first. With another body it is refused at once.
    """
    started = await starting.start_case(services, caller, new, read_key(idempotency_key))
    request.state.number = started.number
    return _response(started)


@router.get("", operation_id="list_cases", summary="List cases")
async def list_cases(
    services: ServicesDep, cursors: CursorsDep, caller: Caller, query: Annotated[CaseQuery, Query()]
) -> CasePage:
    """Return cases, the newest first. A system sees the cases it brought in."""
    after = cursors.read(caller, query.filters(), query.cursor)
    cases = await read_cases.list_cases(services, caller, query.case_filter(), after, query.limit)
    return CasePage(
        items=[CaseListItem.model_validate(case) for case in cases.items],
        next=cursors.write(caller, query.filters(), cases.next),
        left_out=cases.left_out,
    )


class PastQuery(BaseModel):
    """Which moment, if not now; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    as_of: str | None = Field(
        None,
        max_length=64,
        json_schema_extra={"format": "date-time"},
        description="The case as it stood by right at this instant, which has an offset.",
    )
    seq: int | None = Field(None, description="The case as it was when this entry was its newest.")


@router.get("/{number}", operation_id="get_case", summary="Read a case")
async def get_case(
    locale: LocaleDep,
    response: Response,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    query: Annotated[PastQuery, Query()],
) -> CaseDetails:
    """Return the case, its customer, the open task, and what this caller may do now.

    With `as_of` or `seq`, return the case as it was then.
    """
    if (query.as_of, query.seq) != (None, None):
        past = await past_case(services, caller, number, query.as_of, query.seq)
        return CaseDetails.model_validate(past)
    case = await read_cases.read_case(services, caller, number, locale)
    response.headers["ETag"] = etag(case.case.etag)
    return CaseDetails.model_validate(case)


@router.get("/{number}/history", operation_id="get_history", summary="Read a case's history")
async def get_history(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, le=10**9, description="Entries after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = 100,
) -> CaseHistory:
    """Return the entries, the oldest first; if the store lost the case, those of its archive."""
    entries = await read_history(services, caller, number, after, limit + 1)
    items = entries[:limit]
    return CaseHistory(items=items, next=items[-1].seq if len(entries) > limit else None)


def _response(started: StartedCase) -> JSONResponse:
    kept: Any = started.answer.body
    # The answer was kept as the store's row has it.
    created = CreatedCase.model_validate({**kept, "number": started.number})
    headers = {"Location": f"/v1/cases/{started.number}"}
    if created.case is not None:
        headers["ETag"] = etag(created.case.etag)
    if started.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = created.model_dump(mode="json", by_alias=True)
    return JSONResponse(body, status_code=started.answer.status, headers=headers)
