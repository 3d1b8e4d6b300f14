"""The runs of cases that have ended, as Temporal knows them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, TypeVar

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")
R = TypeVar("R")

ENDED: Final = "BanjieKind IS NOT NULL AND ExecutionStatus != 'Running'"
LOST: Final = frozenset(
    {
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.CANCELED,
    }
)
"""A case ends in none of these ways: somebody outside ended it."""


def ended(client: Client) -> AsyncIterator[WorkflowExecution]:
    """All that Temporal still knows."""
    return client.list_workflows(ENDED)


async def history_of(client: Client, number: str, run: str) -> WorkflowHistory | None:
    """A run's history; None if Temporal has forgotten it."""
    try:
        return await client.get_workflow_handle(number, run_id=run).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def is_known(client: Client, number: str, run: str) -> bool:
    """Whether Temporal still has the run, ended or not."""
    try:
        await client.get_workflow_handle(number, run_id=run).describe()
    except RPCError as error:
        # An id that is none of Temporal's is an argument it refuses.
        if error.status in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
            return False
        raise
    return True


async def parts(found: AsyncIterator[T], size: int) -> AsyncIterator[list[T]]:
    """The same, so many at a time."""
    part: list[T] = []
    async for each in found:
        part.append(each)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


async def bounded(work: Callable[[T], Awaitable[R]], given: Iterable[T], most: int) -> list[R]:
    """The work done on each, at most so many at once; the results in the same order."""
    turn = asyncio.Semaphore(most)

    async def one(each: T) -> R:
        async with turn:
            return await work(each)

    tasks = [asyncio.ensure_future(one(each)) for each in given]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
