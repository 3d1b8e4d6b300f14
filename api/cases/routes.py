"""`/v1/cases`: start one, list them, read one with its history."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.cases.schemas import Accepted, CasePage, History, NewCase, Started, WholeCase
from api.http.dependencies import CursorsDep, ServicesDep
from api.http.headers import IdempotencyKey, Number, etag, read_key
from api.http.paging import DUE, CaseQuery, read_cursor, write_cursor
from api.http.problems import problem
from api.http.request_log import locale
from api.http.security import Caller
from app.case_past import PastQuery, entries_of, past_case
from app.read_cases import case_lines, whole_case
from app.start_case import CREATED, StartedCase, start
from store.cases.records import CaseFilter
from store.db.clock import utc_now

router = APIRouter(prefix="/v1/cases", tags=["cases"])

HISTORY = 500


@router.post(
    "",
    operation_id="start_case",
    summary="Start a case",
    status_code=CREATED,
    response_model=Started,
    responses={202: {"model": Accepted, "description": "Durable, not yet recorded."}},
)
async def start_case(
    request: Request,
    services: ServicesDep,
    caller: Caller,
    new: NewCase,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Start a case, once per `Idempotency-Key` or `external_ref`; one of the two is required."""
    started = await start(services, caller, new, read_key(idempotency_key))
    request.state.number = started.number
    return _answer(started)


@router.get("", operation_id="list_cases", summary="List cases")
async def list_cases(
    services: ServicesDep, cursors: CursorsDep, caller: Caller, asked: Annotated[CaseQuery, Query()]
) -> CasePage:
    """The newest first. A system sees the cases it brought in."""
    if not (caller.is_staff or asked.source in (None, caller.id)):
        raise problem("forbidden", takes="staff")
    own = {} if caller.is_staff else {"source": caller.id}
    given = {**asked.model_dump(exclude={"limit", "cursor", *DUE}), **own}
    filters = {**given, **asked.model_dump(include=DUE, mode="json")}
    after = read_cursor(cursors, caller, asked.cursor, filters)
    which = CaseFilter(**given, due_by=asked.due_by(utc_now()))
    page = await services.store.cases.page(caller.tenant, which, after, asked.limit)
    return CasePage(
        items=await case_lines(services, caller.tenant, page.items),
        next=write_cursor(cursors, caller, page.next, filters),
        left_out=services.corrupt_rows.note("cases", page.corrupt),
    )


@router.get("/{number}", operation_id="get_case", summary="Read a case")
async def get_case(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    asked: Annotated[PastQuery, Query()],
) -> WholeCase:
    """The case, the customer's words and record, the open task, and what this caller may do now.

    With `as_of` or `seq`: the case as it was then.
    """
    if asked.given:
        return await past_case(services, caller, number, asked)
    found = await whole_case(services, caller, number, locale(request))
    response.headers["ETag"] = etag(found.case.etag)
    return found


@router.get("/{number}/history", operation_id="get_history", summary="Read a case's history")
async def get_history(
    services: ServicesDep,
    caller: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, le=10**9, description="Entries after this seq.")] = 0,
    limit: Annotated[int, Query(ge=1, le=HISTORY)] = 100,
) -> History:
    """The entries, the oldest first; of a case that the store has lost, those of its archive."""
    found = await entries_of(services, caller, number, after, limit + 1)
    items = found[:limit]
    return History(items=items, next=items[-1].seq if len(found) > limit else None)


def _answer(started: StartedCase) -> JSONResponse:
    body, headers = started.answer.body, {"Location": f"/v1/cases/{started.number}"}
    if started.answer.status == CREATED:
        # The answer was kept as the store's row has it.
        created = Started.model_validate(body)
        headers["ETag"] = etag(created.case.etag)
        body = created.model_dump(mode="json", by_alias=True)
    if started.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, status_code=started.answer.status, headers=headers)
