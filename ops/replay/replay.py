"""Runs histories through today's workflow code, in one process, and keeps what it writes."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle, instance

from domain.language.entries import Entry
from domain.read_models.projection import projection_update
from ops.replay.history import Kept, NoHistory, read
from ops.replay.verdicts import Verdict, judge, unreadable
from ops.worker_pool import forked
from temporal.connection import runtime
from temporal.converter import data_converter
from temporal.names import RECORD
from workflows.case import CaseWorkflow

DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


async def replay(
    some: Sequence[Kept], begins: Callable[[], object] = lambda: None
) -> list[Verdict]:
    """The verdicts on some histories, in their order; `begins` is called before each."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # what it finds is in the verdicts
    listening, verdicts = _Listening(), list[Verdict]()

    async def histories() -> AsyncIterator[WorkflowHistory]:
        # The SDK asks for the next one only when it has told what came of the one before.
        for kept in some:
            begins()
            history = _to_replay(kept, verdicts)
            if history is not None:
                yield history

    async with _replayer(listening).workflow_replay_iterator(histories()) as results:
        async for each in results:
            heard, listening.heard = listening.heard, _Heard()
            failure = each.replay_failure or _untold(heard.workflow)
            kept = some[len(verdicts)]
            verdicts.append(judge(kept, each.history.events, failure, heard.entries))
    return verdicts


def _to_replay(kept: Kept, verdicts: list[Verdict]) -> WorkflowHistory | None:
    """The history; none if the verdict is clear without replaying it."""
    try:
        history = read(kept)
    except NoHistory as error:
        verdicts.append(unreadable(kept, str(error)))
        return None
    if any(each.event_type == DONE for each in history.events):
        return history
    # Nothing was decided yet, so there is nothing to do again; the SDK would wait for ever.
    verdicts.append(judge(kept, history.events, None, []))
    return None


def _replayer(listening: "_Listening") -> Replayer:
    return Replayer(
        workflows=[CaseWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        interceptors=[listening],
        build_id="replay",
        runtime=runtime(),
        # Without its watch over endless loops, for which it hands each task to a thread: a tenth of
        # the time. The pool has a watch of its own.
        debug_mode=True,
    )


class Untold(RuntimeError):
    """Today's code cannot make what the store is told of the case."""


def _untold(workflow: CaseWorkflow | None) -> Untold | None:
    """What is wrong with what follows from the entries: on replay a workflow leaves it out."""
    try:
        if workflow is not None:
            projection_update(workflow.process, workflow.case, 0)
    except Exception as error:  # noqa: BLE001 — whatever it is, a worker would fail on it
        # Its text may hold what a customer said.
        return Untold(f"{type(error).__name__} in what the store is told of the case")
    return None


@dataclass
class _Heard:
    """What a workflow wanted to be recorded, and the workflow."""

    entries: list[Entry] = field(default_factory=list)
    workflow: CaseWorkflow | None = None


class _Listening(Interceptor):
    """Hears what the workflow that runs now wants to be recorded."""

    def __init__(self) -> None:
        self.heard = _Heard()

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 — the SDK names it
    ) -> type[WorkflowInboundInterceptor]:
        del input
        listening = self

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    listening.heard.entries.extend(input.args[0].entries)
                    listening.heard.workflow = instance()
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


PART: Final = 10
"""So many histories go to a process at a time."""
AHEAD: Final = 3
"""So many parts for each process are held at most."""
LONGEST = 30
"""Seconds, a thousand times what a history takes: code that needs more comes to no end."""


class Endless(RuntimeError):
    """Today's code comes to no end."""


@dataclass(frozen=True)
class Processes:
    """So many processes that replay."""

    pool: ProcessPoolExecutor
    number: int


@contextmanager
def processes(number: int | None = None) -> Iterator[Processes]:
    """Processes that replay, one for each processor if no number is given.

    Begin it before anything that starts threads: they do not come along in a fork.
    """
    number = number or os.cpu_count() or 1
    with forked(number, _begin) as pool:
        yield Processes(pool, number)


async def replay_all(kept: AsyncIterator[Kept], by: Processes) -> AsyncIterator[Verdict]:
    """The verdicts, as they come; only a few parts of the histories are held at a time.

    Raises:
        BrokenProcessPool: a process died.
    """
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[list[Verdict]]] = set()
    async for part in _parts(kept):
        waiting.add(asyncio.ensure_future(loop.run_in_executor(by.pool, _replay, part)))
        if len(waiting) >= AHEAD * by.number:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for verdict in _of(done):
                yield verdict
    for each in asyncio.as_completed(waiting):
        for verdict in await each:
            yield verdict


def _of(done: Iterable[asyncio.Future[list[Verdict]]]) -> Iterator[Verdict]:
    return chain.from_iterable(each.result() for each in done)


async def _parts(kept: AsyncIterator[Kept]) -> AsyncIterator[list[Kept]]:
    part: list[Kept] = []
    async for each in kept:
        part.append(each)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


def _begin() -> None:
    signal.signal(signal.SIGALRM, _give_up)


def _replay(part: list[Kept]) -> list[Verdict]:
    try:
        return asyncio.run(replay(part, lambda: signal.alarm(LONGEST)))
    finally:
        signal.alarm(0)


def _give_up(*_: object) -> None:
    raise Endless(f"today's code has not come to an end after {LONGEST} s")
