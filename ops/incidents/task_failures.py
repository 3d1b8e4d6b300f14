"""Why a case's own code failed: what Temporal recorded of it, without anything personal."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from runtime.message import Message

NEWEST = 20
"""A failed workflow task is among so many of a history's newest events."""
PAGE = 200

FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
TIMED_OUT = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE
PREFIX = "WORKFLOW_TASK_FAILED_CAUSE_"

OUR_CODE = re.compile(
    r'File "[^"]*?(?<!tests)/((?:domain|cases|workflows)/[\w/]+\.py)", line (\d+), in (\w+)'
)
NO_PROCESS = re.compile(r"\('[a-z_]+', \d+\)")
HARMLESS = frozenset({"WrongTable", "NewerSchema", "Stuck"})
"""Our own exceptions whose text holds names of our own only."""


@dataclass(frozen=True)
class TaskFailure:
    """A failed workflow task: the class of the failure, what may be quoted, the place in our code.

    `event` is the id of the failed task in the history.
    """

    failure: str
    detail: str
    place: str
    event: int


async def newest_task_failure(client: Client, number: str, run: str) -> TaskFailure | None:
    """Return the failure of the newest workflow task; None if it did not fail.

    Raises:
        RPCError
    """
    async for event in _newest_events(client, number, run, page=NEWEST, all_pages=False):
        if event.event_type == COMPLETED:
            return None
        if event.event_type in (FAILED, TIMED_OUT):
            return task_failure(event)
    return None


async def scheduled_at(client: Client, number: str, run: str, activity: str) -> datetime | None:
    """Return when a pending activity was scheduled first; None if the history does not say.

    The description of a pending activity names its next attempt only.

    Raises:
        RPCError
    """
    async for event in _newest_events(client, number, run, page=PAGE):
        if event.activity_task_scheduled_event_attributes.activity_id == activity:
            return event.event_time.ToDatetime(UTC)
    return None


def task_failure(event: HistoryEvent) -> TaskFailure:
    """Return what the event of a failed or timed-out workflow task says."""
    if event.event_type == TIMED_OUT:
        return TaskFailure("TimedOut", Message("no worker answered in time"), "", event.event_id)
    failed = event.workflow_task_failed_event_attributes
    failure, place = failed.failure.application_failure_info.type, _place(failed.failure)
    if failed.cause != UNHANDLED or not failure:
        cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix(PREFIX).lower()
        return TaskFailure(cause, "", place, event.event_id)
    return TaskFailure(failure, _detail(failure, failed.failure.message), place, event.event_id)


async def _newest_events(
    client: Client, number: str, run: str, *, page: int, all_pages: bool = True
) -> AsyncIterator[HistoryEvent]:
    """Yield the events of a history, the newest first."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=number, run_id=run),
        maximum_page_size=page,
    )
    while True:
        response = await client.workflow_service.get_workflow_execution_history_reverse(request)
        for event in response.history.events:
            yield event
        if not (all_pages and response.next_page_token):
            return
        request.next_page_token = response.next_page_token


def _detail(failure: str, message: str) -> str:
    """Return the text of a failure if it can only hold our own names; others may quote a form."""
    if failure == "KeyError" and NO_PROCESS.fullmatch(message):
        kind, version = message.strip("()").replace("'", "").split(", ")
        return Message("this code has no process %(kind)s %(version)s", kind=kind, version=version)
    return message if failure in HARMLESS else ""


def _place(failure: Failure) -> str:
    """Return the innermost place of ours in the stack trace."""
    places = OUR_CODE.findall(failure.stack_trace)
    return "{}:{} {}".format(*places[-1]) if places else ""
