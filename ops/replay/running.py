"""Runs histories through today's workflow code, in one process, and keeps what it writes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

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
from temporalio.workflow import ActivityHandle, info

from domain.entries import Entry
from ops.replay.history import Kept, NoHistory, read
from ops.replay.verdicts import Verdict, judge, unreadable
from workflows.case import CaseWorkflow
from workflows.connect import runtime
from workflows.converter import data_converter
from workflows.names import RECORD

DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

_seen: dict[str, list[Entry]] = {}
"""What each run wrote, by run id: workflow code is made by the SDK, so there is no other place."""


async def replay(some: Sequence[Kept]) -> list[Verdict]:
    """The verdicts on some histories, in their order."""
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # what it finds is in the verdicts
    verdicts: dict[int, Verdict] = {}
    histories: list[tuple[int, WorkflowHistory]] = []
    for place, kept in enumerate(some):
        try:
            history = await asyncio.to_thread(read, kept)
        except NoHistory as error:
            verdicts[place] = unreadable(kept, str(error))
            continue
        if any(each.event_type == DONE for each in history.events):
            histories.append((place, history))
        else:
            # Nothing was decided yet, so there is nothing to do again; the SDK would wait for ever.
            verdicts[place] = judge(kept, history.events, None, [])
    async with _replayer().workflow_replay_iterator(_each(histories)) as results:
        found = [(each.history, each.replay_failure) async for each in results]
    for (place, _), (history, failure) in zip(histories, found, strict=True):
        now = _seen.pop(history.run_id, [])
        verdicts[place] = judge(some[place], history.events, failure, now)
    return [verdicts[place] for place in sorted(verdicts)]


async def _each(histories: Sequence[tuple[int, WorkflowHistory]]) -> AsyncIterator[WorkflowHistory]:
    for _, history in histories:
        yield history


def _replayer() -> Replayer:
    return Replayer(
        workflows=[CaseWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        interceptors=[_Listening()],
        build_id="replay",
        runtime=runtime(),
    )


class _Listening(Interceptor):
    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 — the SDK names it
    ) -> type[WorkflowInboundInterceptor]:
        del input
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    """Keeps the entries of each batch that the workflow wants recorded."""

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        if input.activity == RECORD:
            _seen.setdefault(info().run_id, []).extend(input.args[0].entries)
        return super().start_activity(input)
