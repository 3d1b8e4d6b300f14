"""Why a case's own code failed: what Temporal kept of it, less what a customer may have said."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

LAST = 20
"""So many of a history's newest events are looked at."""
PAGE = 200

FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
TIMED_OUT = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE
PREFIX = "WORKFLOW_TASK_FAILED_CAUSE_"

OURS = re.compile(
    r'File "[^"]*?(?<!tests)/((?:domain|cases|workflows)/[\w/]+\.py)", line (\d+), in (\w+)'
)
NO_PROCESS = re.compile(r"\('[a-z_]+', \d+\)")
OWN_WORDS = frozenset({"WrongTable", "Stuck"})
"""Our own classes whose text is made of our own names alone."""


@dataclass(frozen=True)
class Cause:
    """Why it failed: a class, what may be told of its text, the place in our code.

    `event` is the failed workflow task in the history.
    """

    failure: str
    detail: str
    place: str
    event: int


async def cause_of(client: Client, number: str, run: str) -> Cause | None:
    """Of the newest workflow task, if it failed.

    Raises:
        RPCError
    """
    asked = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=number, run_id=run),
        maximum_page_size=LAST,
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(asked)
    for event in answer.history.events:
        if event.event_type == DONE:
            return None
        if event.event_type in (FAILED, TIMED_OUT):
            return read(event)
    return None


async def asked_at(client: Client, number: str, run: str, activity: str) -> datetime | None:
    """When a case asked for an activity that is still to be done; None if that is forgotten.

    Of an activity that waits to be tried again, its description names the next attempt alone.

    Raises:
        RPCError
    """
    asked = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=number, run_id=run),
        maximum_page_size=PAGE,
    )
    while True:
        answer = await client.workflow_service.get_workflow_execution_history_reverse(asked)
        for event in answer.history.events:
            if event.activity_task_scheduled_event_attributes.activity_id == activity:
                return event.event_time.ToDatetime(UTC)
        if not answer.next_page_token:
            return None
        asked.next_page_token = answer.next_page_token


def read(event: HistoryEvent) -> Cause:
    """What an event of that sort says."""
    if event.event_type == TIMED_OUT:
        return Cause("TimedOut", "no worker answered in time", "", event.event_id)
    told = event.workflow_task_failed_event_attributes
    sort = WorkflowTaskFailedCause.Name(told.cause).removeprefix(PREFIX).lower()
    failure = told.failure.application_failure_info.type
    if told.cause != UNHANDLED or not failure:
        return Cause(sort, "", _place(told.failure), event.event_id)
    return Cause(failure, _detail(failure, told.failure.message), _place(told.failure),
                 event.event_id)  # fmt: skip


def _detail(failure: str, message: str) -> str:
    """The text of a failure if it can only hold our own names; any other may quote a form."""
    if failure == "KeyError" and NO_PROCESS.fullmatch(message):
        kind, version = message.strip("()").replace("'", "").split(", ")
        return f"this code has no process {kind} {version}"
    return message if failure in OWN_WORDS else ""


def _place(failure: Failure) -> str:
    """The innermost place of ours in the trace."""
    found = OURS.findall(failure.stack_trace)
    return "{}:{} {}".format(*found[-1]) if found else ""
