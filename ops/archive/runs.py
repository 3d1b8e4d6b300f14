"""The runs of cases that have ended, as Temporal knows them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from cases import KINDS
from domain.read_models.projection import case_view
from store.archive import Bundle
from temporal.histories import case_input_of, entries_of, pack, unpack
from temporal.names import CASES_QUERY

T = TypeVar("T")
R = TypeVar("R")

ENDED: Final = f"{CASES_QUERY} AND ExecutionStatus != 'Running'"
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


class Unarchivable(ValueError):
    """The history cannot be understood; the message says why, without what is in it."""


async def bundle_of(
    converter: DataConverter, run: str, history: WorkflowHistory, code: str, at: datetime
) -> Bundle:
    """The run with its last events.

    Args:
        converter: reads the payloads.
        run: its id at Temporal.
        history: all of it; the run has ended.
        code: the build that archives it.
        at: when that is.

    Raises:
        Unarchivable: it is none of a case, or its process is unknown to this code.
    """
    number, events = history.workflow_id, history.events
    try:
        case_input = await case_input_of(converter, events)
        entries = await entries_of(converter, events)
    except (ValueError, TypeError, RuntimeError) as error:
        # Its text may hold what a customer said.
        why = f"Its history cannot be read ({type(error).__name__})."
        raise Unarchivable(why) from None
    if case_input is None:
        raise Unarchivable("It was started as no case is.")
    opening = case_input.opening
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        known = f"{opening.kind} v{opening.process_version}"
        raise Unarchivable(f"This code does not know the process {known}.")
    began = events[0].event_time.ToDatetime(UTC)
    # A run that was ended before it did anything has no entries; the case is as it would have been.
    case = process.fold(opening, entries) if entries else process.open(opening, began)
    return Bundle(
        tenant=opening.tenant,
        number=number,
        kind=opening.kind,
        process_version=opening.process_version,
        policy_version=opening.policy_version,
        run=run,
        began=began,
        code=code,
        archived_at=at,
        complete=True,
        case=case_view(process, case),
        entries=tuple(entries),
        events=len(events),
        history=pack(history),
    )


def alike(one: Bundle, other: Bundle) -> bool:
    """Whether they tell the same of a run, whoever archived it, and when."""
    own = {"code": "", "archived_at": other.archived_at, "history": b""}
    if one.model_copy(update=own) != other.model_copy(update=own):
        return False
    try:
        return unpack(one.history) == unpack(other.history)
    except ValueError:
        return False
