"""`/v1/cases:bulk`: many cases in one request, an answer for each, no faster than we record."""

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import JsonValue, ValidationError

from api.cases.schemas import BulkStart, BulkStartItem, BulkStartResult, NewCase
from api.http.dependencies import ServicesDep, TextsDep
from api.http.error_handlers import problem_of
from api.http.headers import IdempotencyKey, read_key
from api.http.problems import Problem, body_of, problem
from api.http.request_log import locale, trace
from api.http.schemas import ProblemAnswer
from api.http.security import Caller
from app.start_case import ACCEPTED, start
from app.texts import Texts
from domain.language.forms import field_errors

PATIENCE = timedelta(seconds=10)
"""How long a case of a batch may wait to be recorded before the rest is put off."""

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
    key = read_key(idempotency_key)
    behind = asyncio.Event()

    async def one(index: int, sent: JsonValue) -> BulkStartItem:
        async with services.start_slots:
            try:
                _keep_up(behind)
                own_key = f"{key}#{index}" if key else None
                started = await start(services, caller, _read(sent), own_key, PATIENCE)
            except Exception as error:  # noqa: BLE001 — each has its own answer; logged there
                return _refused(index, problem_of(error, trace(request)), request, texts)
            if started.answer.status == ACCEPTED:
                behind.set()
            return BulkStartItem(index=index, status=started.answer.status, number=started.number)

    return BulkStartResult(
        results=await asyncio.gather(*(one(*each) for each in enumerate(bulk.cases)))
    )


def _keep_up(behind: asyncio.Event) -> None:
    """Stop starting cases once one of the batch was not recorded in time."""
    if behind.is_set():
        raise problem("busy")


def _read(sent: JsonValue) -> NewCase:
    try:
        return NewCase.model_validate(sent)
    except ValidationError as error:
        faults: list[Any] = field_errors(error)
        raise Problem("invalid", errors=faults) from None


def _refused(index: int, what: Problem, request: Request, texts: Texts) -> BulkStartItem:
    body = body_of(what, texts, locale(request), trace(request))
    return BulkStartItem(
        index=index, status=what.status, problem=ProblemAnswer.model_validate(body)
    )
