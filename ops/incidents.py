"""Incidents: cases that stand still for a technical reason, while Temporal tries again for ever."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.api.workflowservice.v1 import (
    ResetActivityRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

AT_ONCE = 8
TOLERATED = 3
"""So many attempts may be a hiccup; more of them are an incident."""

RUNNING = "ExecutionStatus = 'Running'"
WORKFLOW = "workflow"
"""Stands for the port where it is the workflow's own code that fails."""


@dataclass(frozen=True)
class Incident:
    """What fails, how often it was tried, how it failed last (a class, no text), and since when."""

    number: str
    port: str
    attempts: int
    failure: str
    since: datetime


async def incidents(
    client: Client, numbers: Iterable[str] = (), tolerated: int = TOLERATED
) -> AsyncIterator[Incident]:
    """The incidents of these cases, or of all: that asks the engine once for each running case."""
    named = list(numbers)
    waiting: list[str] = []
    if not named:
        async for run in client.list_workflows(RUNNING):
            waiting.append(run.id)
            if len(waiting) == AT_ONCE:
                for found in await _look(client, waiting, tolerated):
                    yield found
                waiting.clear()
    for start in range(0, len(named), AT_ONCE):
        for found in await _look(client, named[start : start + AT_ONCE], tolerated):
            yield found
    for found in await _look(client, waiting, tolerated):
        yield found


async def retry(client: Client, number: str) -> int:
    """Try at once what waits for its next attempt, and count anew; how many activities that were.

    Raises:
        RPCError: there is no such case, or the engine cannot do that.
    """
    described = await client.get_workflow_handle(number).describe()
    raw = described.raw_description
    execution = WorkflowExecution(workflow_id=number, run_id=described.run_id)
    for activity in raw.pending_activities:
        await client.workflow_service.reset_activity(
            ResetActivityRequest(
                namespace=client.namespace, execution=execution, id=activity.activity_id
            )
        )
    return len(raw.pending_activities)


async def _look(client: Client, numbers: list[str], tolerated: int) -> list[Incident]:
    found = await asyncio.gather(*(_case(client, number, tolerated) for number in numbers))
    return [incident for each in found for incident in each]


async def _case(client: Client, number: str, tolerated: int) -> list[Incident]:
    try:
        raw = (await client.get_workflow_handle(number).describe()).raw_description
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []  # it ended, and was forgotten, since it was listed
        raise
    found = [
        _of_activity(number, each) for each in raw.pending_activities if each.attempt > tolerated
    ]
    task = raw.pending_workflow_task
    return [*found, _of_task(number, task)] if task.attempt > tolerated else found


def _of_activity(number: str, activity: PendingActivityInfo) -> Incident:
    return Incident(
        number=number,
        port=activity.activity_type.name,
        attempts=activity.attempt,
        failure=_class_of(activity.last_failure),
        since=activity.scheduled_time.ToDatetime(UTC),
    )


def _of_task(number: str, task: PendingWorkflowTaskInfo) -> Incident:
    since = task.original_scheduled_time
    return Incident(number, WORKFLOW, task.attempt, "workflow_task", since.ToDatetime(UTC))


def _class_of(failure: Failure) -> str:
    """The class of the failure; its text might hold what was handed in."""
    info = failure.WhichOneof("failure_info")
    if info == "application_failure_info":
        return failure.application_failure_info.type or "unknown"
    return info.removesuffix("_info") if info else "unknown"
