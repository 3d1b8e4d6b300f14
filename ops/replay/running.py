"""Runs histories through today's workflow code, in one process, and keeps what it writes."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
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
from temporalio.workflow import ActivityHandle, instance

from domain.entries import Entry
from domain.views import batch
from ops.replay.history import Kept, NoHistory, read
from ops.replay.verdicts import Verdict, judge, unreadable
from workflows.case import CaseWorkflow
from workflows.connect import runtime
from workflows.converter import data_converter
from workflows.names import RECORD

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
            batch(workflow.process, workflow.case, 0)
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
