"""Log lines of workflows and activities, with the id of the request that they work for."""

import time
from dataclasses import replace
from typing import Any

import structlog
from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from runtime.log import bind_trace
from temporal.names import RECORD
from temporal.trace import trace_of, with_trace

MAX_TRACES = 8
"""How many requests one recording names at most."""

# The fields are in the line by themselves.
activity.logger.activity_info_on_message = False
workflow.logger.workflow_info_on_message = False

log = structlog.get_logger("banjie.activity")


class TraceReader(Interceptor):
    """Takes trace ids from the headers of updates, starts and activities into the log lines."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 — the SDK's name
        """Wrap each activity."""
        return _Activity(next)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 — as above
    ) -> type[WorkflowInboundInterceptor]:
        """Return what wraps each workflow."""
        return _Workflow


class _Activity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 — as above
        if trace_ids := trace_of(input.headers):
            # To the end of the task, so that it is in the SDK's own line about a failure, too.
            bind_trace(trace_ids)
        started = time.perf_counter()
        result = await super().execute_activity(input)
        info = activity.info()
        log.info(
            "activity",
            activity=info.activity_type,
            number=info.workflow_id,
            attempt=info.attempt,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return result


class _Workflow(WorkflowInboundInterceptor):
    """Remembers which requests came, since the activity that records them is not started by them.

    `unrecorded` are those since the last recording, `recorded` those of the last recording.
    """

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.unrecorded: list[str] = []
        self.recorded: list[str] = []
        super().init(_Outbound(outbound, self))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 — as above
        self._remember(trace_of(input.headers))
        workflow.logger.info("workflow")
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 — as above
        trace_ids = trace_of(input.headers)
        self._remember(trace_ids)
        if trace_ids:
            bind_trace(trace_ids)  # an update has a task of its own, and so a context
        workflow.logger.info("update")
        return await super().handle_update_handler(input)

    def traces_for(self, activity_type: str) -> str:
        """Return the ids of the requests because of which an activity is started."""
        traces = self.unrecorded or ([] if activity_type == RECORD else self.recorded)
        if activity_type == RECORD:
            self.unrecorded, self.recorded = [], self.unrecorded
        return " ".join(traces[-MAX_TRACES:])

    def _remember(self, trace_ids: str | None) -> None:
        if trace_ids:
            self.unrecorded.append(trace_ids)


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, inbound: _Workflow) -> None:  # noqa: A002 — as above
        super().__init__(next)
        self._inbound = inbound

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 — as above
        headers = with_trace(input.headers, self._inbound.traces_for(input.activity))
        return super().start_activity(replace(input, headers=headers))
