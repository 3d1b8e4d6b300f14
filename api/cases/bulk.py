"""`/v1/cases:bulk`: start many cases in one request, no faster than they are recorded."""

from functools import partial
from typing import Any

from fastapi import APIRouter

from api.cases.schemas import BulkStart, BulkStartItem, BulkStartResult
from api.http.dependencies import LocaleDep, ServicesDep, TextsDep, TraceIdDep
from api.http.error_handlers import problem_of
from api.http.headers import IdempotencyKey, read_key
from api.http.problems import problem_body
from api.http.security import Caller
from app import start_case as starting
from app.start_case import StartedCase

router = APIRouter(prefix="/v1", tags=["cases"])


@router.post("/cases:bulk", operation_id="start_cases", summary="Start many cases")
async def start_cases(
    services: ServicesDep,
    texts: TextsDep,
    locale: LocaleDep,
    trace_id: TraceIdDep,
    caller: Caller,
    bulk: BulkStart,
    idempotency_key: IdempotencyKey,
) -> BulkStartResult:
    """Start up to 100 cases, 1 MiB in all; the results are in the order of the cases.

    Every case needs its own `external_ref`, or the request an `Idempotency-Key`, which then counts
    for each case together with its place. A case that is answered 503 was not started, or may have
    been: send the request again, unchanged, until no case is answered 202 or 503. Cases with the
    same reference and body are one case and have the same response.
    """
    to_body = partial(problem_body, texts=texts, locale=locale, trace_id=trace_id)
    outcomes = await starting.start_cases(services, caller, bulk.cases, read_key(idempotency_key))

    def item(index: int, outcome: StartedCase | Exception) -> BulkStartItem:
        if isinstance(outcome, StartedCase):
            return BulkStartItem(index=index, status=outcome.answer.status, number=outcome.number)
        problem = problem_of(outcome)
        details: Any = to_body(problem)
        return BulkStartItem(index=index, status=problem.status, problem=details)

    return BulkStartResult(results=[item(*each) for each in enumerate(outcomes)])
