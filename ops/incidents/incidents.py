"""Finds incidents: cases that are stuck for a technical reason, which Temporal retries for ever."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.concurrency import batched
from ops.incidents.task_failures import newest_task_failure, scheduled_at
from runtime.message import Message

AT_ONCE = 8
TOLERATED = 3
"""Up to so many attempts may be a hiccup; more of them are an incident."""
RUNNING = "ExecutionStatus = 'Running'"
WORKFLOW = "workflow"
"""The `port` of an incident whose failure is in the workflow's own code."""
KIND_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class Incident:
    """What fails, how often it was tried, the class of the last failure, and since when.

    If the case's own code fails, `detail` says what can be said of the failure without anything
    personal, and `place` where in the code it is.
    """

    number: str
    port: str
    attempts: int
    failure: str
    since: datetime
    detail: str = ""
    place: str = ""


@dataclass(frozen=True)
class IncidentFilter:
    """Selects running cases by Temporal's index, before any is looked at.

    `broken` selects those whose own code fails, which Temporal marks after some failures in a row;
    no index knows of activities that fail.
    """

    kind: str | None = None
    started_before: datetime | None = None
    broken: bool = False

    def query(self) -> str:
        """Return the list filter for Temporal.

        Raises:
            ValueError: `kind` is no name of a kind.
        """
        conditions = [RUNNING]
        if self.kind is not None:
            if not KIND_NAME.fullmatch(self.kind):
                raise ValueError(Message("%(kind)s is no name of a kind.", kind=f"{self.kind!r}"))
            conditions.append(f"BanjieKind = '{self.kind}'")
        if self.started_before is not None:
            conditions.append(f"StartTime < '{self.started_before.isoformat()}'")
        if self.broken:
            conditions.append("TemporalReportedProblems IS NOT NULL")
        return " AND ".join(conditions)


async def count_cases(client: Client, cases: IncidentFilter) -> int:
    """Return how many cases the filter selects."""
    return (await client.count_workflows(cases.query())).count


async def find_incidents(
    client: Client,
    numbers: Iterable[str] = (),
    tolerated: int = TOLERATED,
    cases: IncidentFilter = IncidentFilter(),
    progress: Callable[[int], object] = lambda _done: None,
) -> AsyncIterator[Incident]:
    """Yield the incidents of these cases, or of all that the filter selects.

    Temporal is asked once for each case; `progress` is called with how many are done.
    """
    done = 0
    async for batch in batched(_numbers(client, list(numbers), cases), AT_ONCE):
        incidents = await asyncio.gather(
            *(_incidents(client, number, tolerated) for number in batch)
        )
        for of_case in incidents:
            for incident in of_case:
                yield incident
        done += len(batch)
        progress(done)


async def _numbers(client: Client, numbers: list[str], cases: IncidentFilter) -> AsyncIterator[str]:
    for number in numbers:
        yield number
    if not numbers:
        async for run in client.list_workflows(cases.query()):
            yield run.id


async def _incidents(client: Client, number: str, tolerated: int) -> list[Incident]:
    try:
        description = await client.get_workflow_handle(number).describe()
        raw, run = description.raw_description, description.run_id
        task = raw.pending_workflow_task
        failing = [each for each in raw.pending_activities if each.attempt > tolerated]
        incidents = [await _of_activity(client, number, run, each) for each in failing]
        if task.attempt > tolerated:
            incidents.append(await _of_task(client, number, run, task))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []  # the case ended, and was forgotten, since it was listed
        raise
    return incidents


async def _of_activity(
    client: Client, number: str, run: str, activity: PendingActivityInfo
) -> Incident:
    since = await scheduled_at(client, number, run, activity.activity_id)
    return Incident(
        number=number,
        port=activity.activity_type.name,
        attempts=activity.attempt,
        failure=_failure_class(activity.last_failure),
        since=since or activity.scheduled_time.ToDatetime(UTC),
    )


async def _of_task(
    client: Client, number: str, run: str, task: PendingWorkflowTaskInfo
) -> Incident:
    since = task.original_scheduled_time.ToDatetime(UTC)
    failure = await newest_task_failure(client, number, run)
    if failure is None:
        return Incident(number, WORKFLOW, task.attempt, "workflow_task", since)
    return Incident(
        number, WORKFLOW, task.attempt, failure.failure, since, failure.detail, failure.place
    )


def _failure_class(failure: Failure) -> str:
    """Return the class of a failure; its text might hold what a customer wrote."""
    info = failure.WhichOneof("failure_info")
    if info == "application_failure_info":
        return failure.application_failure_info.type or "unknown"
    return info.removesuffix("_info") if info else "unknown"
