"""`/v1/cases:bulk`: many cases in one request, an answer for each, no faster than we record."""

from fastapi import APIRouter, Request

from api.cases.schemas import BulkStart, BulkStartItem, BulkStartResult
from api.http.dependencies import ServicesDep, TextsDep
from api.http.error_handlers import problem_of
from api.http.headers import IdempotencyKey, read_key
from api.http.problems import body_of
from api.http.request_log import locale, trace
from api.http.schemas import ProblemAnswer
from api.http.security import Caller
from app import start_case as starting
from app.start_case import StartedCase
from app.texts import Texts

router = APIRouter(prefix="/v1", tags=["cases"])


@router.post("/cases:bulk", operation_id="start_cases", summary="Start many cases")
async def start_cases(
    request: Request,
    services: ServicesDep,
    texts: TextsDep,
    caller: Caller,
    bulk: BulkStart,
    idempotency_key: IdempotencyKey = None,
) -> BulkStartResult:
    """Up to 100 cases and 1 MiB; the result of each is in its place.

    Every case needs its own `external_ref`, or the batch an `Idempotency-Key`, which then counts
    for each case together with its place. What is answered 503 was not started, or may have been:
    send it again, unchanged.
    """
    outcomes = await starting.start_cases(services, caller, bulk.cases, read_key(idempotency_key))
    items = [_item(index, each, request, texts) for index, each in enumerate(outcomes)]
    return BulkStartResult(results=items)


def _item(
    index: int, outcome: StartedCase | Exception, request: Request, texts: Texts
) -> BulkStartItem:
    if isinstance(outcome, StartedCase):
        return BulkStartItem(index=index, status=outcome.answer.status, number=outcome.number)
    problem = problem_of(outcome, trace(request))
    body = body_of(problem, texts, locale(request), trace(request))
    return BulkStartItem(
        index=index, status=problem.status, problem=ProblemAnswer.model_validate(body)
    )
