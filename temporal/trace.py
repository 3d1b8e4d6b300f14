"""Sends the id of a request along with what it asks of a workflow, as a header."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.converter import PayloadConverter

from runtime.log import TRACE_ID, current_trace

HEADER: Final = "banjie-trace"


def with_trace(headers: Mapping[str, Payload], trace_ids: str | None) -> Mapping[str, Payload]:
    """Return the headers with these trace ids, parted by blanks."""
    if not trace_ids:
        return headers
    payload = PayloadConverter.default.to_payload(trace_ids)
    return {**headers, HEADER: payload}


def trace_of(headers: Mapping[str, Payload]) -> str | None:
    """Return the trace ids that came in these headers, parted by blanks."""
    payload = headers.get(HEADER)
    if payload is None:
        return None
    trace_ids = PayloadConverter.default.from_payload(payload)
    if not isinstance(trace_ids, str) or not all(map(TRACE_ID.fullmatch, trace_ids.split())):
        return None
    return trace_ids


class TraceSender(Interceptor):
    """Adds the present request's trace id to each start of a workflow and each update."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 — the SDK's name
        """Wrap the client's calls."""
        return _Outbound(next)


class _Outbound(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002 — as above
        headers = with_trace(input.headers, current_trace())
        return await super().start_workflow(replace(input, headers=headers))

    async def start_workflow_update(
        self,
        input: StartWorkflowUpdateInput,  # noqa: A002 — as above
    ) -> WorkflowUpdateHandle[Any]:
        headers = with_trace(input.headers, current_trace())
        return await super().start_workflow_update(replace(input, headers=headers))
