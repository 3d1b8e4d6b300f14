"""Who asks for work on a task queue."""

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

LONG_POLL = timedelta(seconds=75)
"""A worker that runs polls again at least so often."""

WORKFLOWS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


async def pollers(
    client: Client, queue: str, type: "TaskQueueType.ValueType" = WORKFLOWS
) -> list[PollerInfo]:
    """Return the workers that asked for work on this queue in the last minutes."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=type
    )
    return list((await client.workflow_service.describe_task_queue(request)).pollers)


async def has_worker(client: Client, queue: str) -> bool:
    """Return whether a worker runs the workflows of this queue."""
    polls = [each.last_access_time.ToDatetime(UTC) for each in await pollers(client, queue)]
    return bool(polls) and max(polls) >= datetime.now(UTC) - LONG_POLL
