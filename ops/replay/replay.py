"""Runs histories through today's workflow code, and compares the entries that it writes."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
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
from ops.child import Progress, run_in_child
from ops.replay.history import PackedHistory, UnreadableHistory, unpack_history
from ops.replay.sources import of_numbers
from ops.replay.verdicts import Verdict, judge, unreadable
from ops.worker_pool import WorkerPool, map_batches, worker_pool
from runtime.message import Message
from store.archive import Archive
from temporal.connection import runtime
from temporal.converter import data_converter
from temporal.histories import read_payloads
from temporal.names import RECORD
from workflows.case import CaseWorkflow

HISTORIES: Final = "histories"
"""What progress counts."""
BATCH_SIZE: Final = 10
"""So many histories go to a process at a time."""
TIME_LIMIT = 30
"""Seconds, a thousand times what a history takes: code that needs more comes to no end."""


class Endless(RuntimeError):
    """Today's code comes to no end."""


class ProjectionFailed(RuntimeError):
    """Today's code cannot make the rows that follow from the case's entries."""


@contextmanager
def replay_pool(size: int | None = None) -> Iterator[WorkerPool]:
    """Processes that replay, one for each processor if no size is given.

    Enter it before anything that starts threads: they are not copied by a fork.
    """
    with worker_pool(size, _set_alarm_handler) as pool:
        yield pool


async def replay_all(
    histories: AsyncIterator[PackedHistory], pool: WorkerPool
) -> AsyncIterator[Verdict]:
    """Yield the verdicts, as they come; only a few of the histories are held at a time.

    Raises:
        BrokenProcessPool: a process died.
    """
    async for verdicts in map_batches(pool, _replay_in_time, histories, BATCH_SIZE):
        for verdict in verdicts:
            yield verdict


async def replay_case(
    client: Client, archive: Archive, tenant: str, number: str, progress: Progress
) -> list[Verdict]:
    """Return the verdicts on all runs of a case, replayed in a process of their own.

    Raises:
        UnknownCase: neither Temporal nor the archive knows it.
        ChildDied: the process ended without a verdict.
    """
    histories = [each async for each in of_numbers(client, archive, tenant, [number])]
    return await run_in_child(replay_each, histories, progress=progress)


def replay_each(histories: Sequence[PackedHistory], progress: Progress) -> list[Verdict]:
    """Return the verdicts on histories, replayed here one after the other; in a main thread."""
    _set_alarm_handler()
    verdicts: list[Verdict] = []
    for history in histories:
        progress(HISTORIES, len(verdicts), len(histories))
        verdicts += _replay_in_time([history])
    return verdicts


async def replay(
    histories: Sequence[PackedHistory], before_each: Callable[[], object] = lambda: None
) -> list[Verdict]:
    """Return the verdicts on histories, in their order; `before_each` is called before each."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # the verdicts say what it finds
    recorder, verdicts = _EntryRecorder(), list[Verdict]()

    async def replayable() -> AsyncIterator[WorkflowHistory]:
        # The SDK asks for the next history only after it has yielded the result of the last one.
        for packed in histories:
            before_each()
            history = _replayable(packed, verdicts)
            if history is not None:
                yield history

    async with _replayer(recorder).workflow_replay_iterator(replayable()) as results:
        async for result in results:
            run, recorder.run = recorder.run, _Run()
            failure = result.replay_failure or _projection_failure(run.workflow)
            packed, events = histories[len(verdicts)], result.history.events
            payloads = await read_payloads(data_converter(), events)
            recorded = list(payloads.entries_by_event()) if payloads else []
            verdicts.append(judge(packed, events, failure, recorded, run.entries))
    return verdicts


def _replayable(packed: PackedHistory, verdicts: list[Verdict]) -> WorkflowHistory | None:
    """Return the history; None if the verdict is clear without replaying it."""
    try:
        history = unpack_history(packed)
    except UnreadableHistory as error:
        verdicts.append(unreadable(packed, str(error)))
        return None
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    if any(each.event_type == completed for each in history.events):
        return history
    # Nothing was decided yet, so there is nothing to replay; the SDK would wait for ever.
    verdicts.append(judge(packed, history.events, None, [], []))
    return None


def _replayer(recorder: "_EntryRecorder") -> Replayer:
    return Replayer(
        workflows=[CaseWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        interceptors=[recorder],
        runtime=runtime(),
        build_id="replay",
        # Without the SDK's watch over endless loops, for which it hands each task to a thread: a
        # tenth of the time. The pool has a watch of its own.
        debug_mode=True,
    )


def _projection_failure(workflow: CaseWorkflow | None) -> ProjectionFailed | None:
    """Return what fails in the rows that follow from entries: a replayed workflow makes none."""
    try:
        if workflow is not None:
            projection_update(workflow.process, workflow.case, 0)
    except Exception as error:  # noqa: BLE001 — whatever it is, a worker would fail on it
        # Its text may hold what a customer said.
        return ProjectionFailed(
            Message("%(error)s in what the store is told of the case", error=type(error).__name__)
        )
    return None


@dataclass
class _Run:
    """The entries that a workflow had recorded, and the workflow."""

    entries: list[Entry] = field(default_factory=list)
    workflow: CaseWorkflow | None = None


class _EntryRecorder(Interceptor):
    """Keeps the entries that the workflow that runs now has recorded."""

    def __init__(self) -> None:
        self.run = _Run()

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 — the SDK names it
    ) -> type[WorkflowInboundInterceptor]:
        del input
        recorder = self

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    recorder.run.entries.extend(input.args[0].entries)
                    recorder.run.workflow = instance()
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


def _replay_in_time(histories: list[PackedHistory]) -> list[Verdict]:
    try:
        return asyncio.run(replay(histories, lambda: signal.alarm(TIME_LIMIT)))
    finally:
        signal.alarm(0)


def _set_alarm_handler() -> None:
    signal.signal(signal.SIGALRM, _raise_endless)


def _raise_endless(*_: object) -> None:
    raise Endless(
        Message("today's code has not come to an end after %(time_limit)s s", time_limit=TIME_LIMIT)
    )
