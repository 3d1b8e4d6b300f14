"""The workers, seen from Temporal: whether any polls, which code it runs, whether it keeps up."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from ops.doctor.findings import Finding, ok, warning, wrong
from ops.incidents import Which, count
from workflows.names import RECORD

QUEUES = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
LONG_POLL = timedelta(seconds=75)
"""A worker that lives asks again at least so often."""
SKEW = timedelta(seconds=5)
NEWEST = 20
BEHIND = timedelta(seconds=30)
CASES = "BanjieKind IS NOT NULL AND ExecutionStatus = 'Running'"


async def polling(client: Client, queue: str, build_id: str) -> list[Finding]:
    """Whether somebody works on the queue, with which build, and by which clock."""
    pollers = [await _pollers(client, queue, sort) for sort in QUEUES]
    now = datetime.now(UTC)
    seen = [each.last_access_time.ToDatetime(UTC) for some in pollers for each in some]
    if not all(pollers) or max(seen) < now - LONG_POLL:
        mend = "Start one: python -m worker; if one runs, see its log and its BANJIE_TASK_QUEUE."
        return [wrong("workers", f"No worker asks for work on the queue {queue}.", mend)]
    found = [_built(pollers[0], build_id)]
    if (ahead := max(seen) - now) > SKEW:
        said = f"Temporal's clock is at least {ahead.seconds} s ahead of this machine's."
        found.append(wrong("temporal clock", said, "Let both follow a time server (NTP)."))
    return found


async def broken(client: Client) -> list[Finding]:
    """Whether some case's own code fails."""
    if n := await count(client, Which(broken=True)):
        mend = "See `banjie ops incidents --broken`; mend the code, then `banjie ops retry NUMBER`."
        return [wrong("code", f"{n} cases stand still because their own code fails.", mend)]
    return [ok("code", "No case's own code fails.")]


async def lag(client: Client) -> list[Finding]:
    """Whether the newest cases wait to be recorded."""
    newest = [run.id async for run in client.list_workflows(CASES, limit=NEWEST)]
    waits = await asyncio.gather(*(_waits(client, number) for number in newest))
    late = [each for each in waits if each > BEHIND]
    if late:
        said = (
            f"{len(late)} of the {len(newest)} newest cases wait to be recorded, "
            f"the longest for {max(late).seconds} s."
        )
        mend = "See whether the database answers, and `banjie ops incidents`."
        return [wrong("recording", said, mend)]
    return [ok("recording", "What happens is recorded at once.")]


async def _waits(client: Client, number: str) -> timedelta:
    try:
        raw = (await client.get_workflow_handle(number).describe()).raw_description
    except RPCError:
        return timedelta()  # it ended since it was listed
    since = [
        activity.scheduled_time.ToDatetime(UTC)
        for activity in raw.pending_activities
        if activity.activity_type.name == RECORD
    ]
    return datetime.now(UTC) - min(since) if since else timedelta()


async def _pollers(client: Client, queue: str, sort: "TaskQueueType.ValueType") -> list[PollerInfo]:
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=sort
    )
    return list((await client.workflow_service.describe_task_queue(asked)).pollers)


def _built(pollers: list[PollerInfo], build_id: str) -> Finding:
    builds = {_build(each) for each in pollers} - {""}
    if others := sorted(builds - {build_id}):
        said = f"Workers of {', '.join(others)} are at work; this code is {build_id}."
        return warning("workers", said, "Replace the workers, or run the command that fits them.")
    return ok("workers", f"{len(pollers)} at work, of build {build_id}.")


def _build(poller: PollerInfo) -> str:
    return poller.deployment_options.build_id or poller.worker_version_capabilities.build_id
