"""What a request comes to if no worker looked at it while its caller waited."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.engine.messages import Request
from temporal.case_client import CaseClient
from temporal.results import Refused, SubmitResult
from tests.support.cases import SORTED, new_number, opening, request
from tests.support.engine import Engine
from worker.build import build_worker
from worker.settings import WorkerSettings

SHORT = timedelta(milliseconds=200)


@asynccontextmanager
async def asked(engine: Engine, request: Request) -> AsyncIterator[asyncio.Task[SubmitResult]]:
    """Yield a request to a case whose worker starts after the record timeout."""
    queue, number = uuid4().hex, new_number()
    case_client = CaseClient(engine.client, queue)
    await case_client.start(opening(number))
    task = asyncio.create_task(case_client.submit(number, request, SHORT))
    done, _ = await asyncio.wait({task}, timeout=3 * SHORT.total_seconds())
    assert not done
    settings = WorkerSettings(database_url=engine.url, task_queue=queue, drain=5)
    async with build_worker(engine.client, engine.store, settings):
        yield task


async def test_a_late_refusal_is_a_refusal(engine: Engine) -> None:
    async with asked(engine, request("late", ("classify", SORTED))) as task:
        with pytest.raises(Refused) as refused:
            await task
    assert refused.value.code == "step_not_offered"


async def test_a_late_step_is_taken(engine: Engine) -> None:
    step = request("late", ("accept", {}))
    async with asked(engine, step) as task:
        taken = await task
    assert taken.receipt is None or taken.receipt.digest == step.digest
