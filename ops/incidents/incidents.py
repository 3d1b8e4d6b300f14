"""Incidents: cases that stand still for a technical reason, while Temporal tries again for ever."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.incidents.task_failures import asked_at, cause_of

AT_ONCE = 8
TOLERATED = 3
"""So many attempts may be a hiccup; more of them are an incident."""

_NAME = re.compile(r"[a-z0-9_]+")
RUNNING = "ExecutionStatus = 'Running'"
WORKFLOW = "workflow"
"""Stands for the port where it is the workflow's own code that fails."""


@dataclass(frozen=True)
class Incident:
    """What fails, how often it was tried, how it failed last (a class, no text), and since when.

    Where it is the case's own code, `detail` says what can be told of the failure without anything
    personal, and `place` where in the code it was.
    """

    number: str
    port: str
    attempts: int
    failure: str
    since: datetime
    detail: str = ""
    place: str = ""


@dataclass(frozen=True)
class Which:
    """Of which running cases; the engine's index narrows it down before any is looked at.

    `broken` are those whose own code fails, which the engine marks after some failures in a row;
    no index knows of activities that fail.
    """

    kind: str | None = None
    started_before: datetime | None = None
    broken: bool = False

    def query(self) -> str:
        """As the engine's index is asked.

        Raises:
            ValueError: that is no name of a kind.
        """
        asked = [RUNNING]
        if self.kind is not None:
            if not _NAME.fullmatch(self.kind):
                raise ValueError(f"{self.kind!r} is no name of a kind.")
            asked.append(f"BanjieKind = '{self.kind}'")
        if self.started_before is not None:
            asked.append(f"StartTime < '{self.started_before.isoformat()}'")
        if self.broken:
            asked.append("TemporalReportedProblems IS NOT NULL")
        return " AND ".join(asked)


async def count(client: Client, which: Which) -> int:
    """How many cases there are to look at."""
    return (await client.count_workflows(which.query())).count


async def incidents(
    client: Client,
    numbers: Iterable[str] = (),
    tolerated: int = TOLERATED,
    which: Which = Which(),
    looked: Callable[[int], object] = lambda _done: None,
) -> AsyncIterator[Incident]:
    """The incidents of these cases, or of all such: that asks the engine once for each of them.

    `looked` is told how many were looked at.
    """
    done = 0
    async for some in _batches(client, list(numbers), which):
        for found in await _look(client, some, tolerated):
            yield found
        done += len(some)
        looked(done)


async def _batches(client: Client, named: list[str], which: Which) -> AsyncIterator[list[str]]:
    waiting: list[str] = []
    async for number in _numbers(client, named, which):
        waiting.append(number)
        if len(waiting) == AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


async def _numbers(client: Client, named: list[str], which: Which) -> AsyncIterator[str]:
    for number in named:
        yield number
    if not named:
        async for run in client.list_workflows(which.query()):
            yield run.id


async def _look(client: Client, numbers: list[str], tolerated: int) -> list[Incident]:
    found = await asyncio.gather(*(_case(client, number, tolerated) for number in numbers))
    return [incident for each in found for incident in each]


async def _case(client: Client, number: str, tolerated: int) -> list[Incident]:
    try:
        described = await client.get_workflow_handle(number).describe()
        raw, run = described.raw_description, described.run_id
        task = raw.pending_workflow_task
        failing = [each for each in raw.pending_activities if each.attempt > tolerated]
        found = [await _of_activity(client, number, run, each) for each in failing]
        if task.attempt > tolerated:
            found.append(await _of_task(client, number, run, task))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []  # it ended, and was forgotten, since it was listed
        raise
    return found


async def _of_activity(
    client: Client, number: str, run: str, activity: PendingActivityInfo
) -> Incident:
    since = await asked_at(client, number, run, activity.activity_id)
    return Incident(
        number=number,
        port=activity.activity_type.name,
        attempts=activity.attempt,
        failure=_class_of(activity.last_failure),
        since=since or activity.scheduled_time.ToDatetime(UTC),
    )


async def _of_task(
    client: Client, number: str, run: str, task: PendingWorkflowTaskInfo
) -> Incident:
    since = task.original_scheduled_time.ToDatetime(UTC)
    cause = await cause_of(client, number, run)
    if cause is None:
        return Incident(number, WORKFLOW, task.attempt, "workflow_task", since)
    return Incident(number, WORKFLOW, task.attempt, cause.failure, since, cause.detail, cause.place)


def _class_of(failure: Failure) -> str:
    """The class of the failure; its text might hold what was handed in."""
    info = failure.WhichOneof("failure_info")
    if info == "application_failure_info":
        return failure.application_failure_info.type or "unknown"
    return info.removesuffix("_info") if info else "unknown"
