"""Temporal: whether it answers, is set up for us, and has workers that keep up."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cases.common.policy import REOPEN_WINDOW
from ops.doctor.findings import Check, Finding, diagnose, ok, warning, wrong
from ops.incidents.incidents import IncidentFilter, count_cases
from temporal.connection import connect
from temporal.connection_settings import ConnectionSettings
from temporal.names import RECORD, RUNNING_CASES_QUERY, SEARCH_ATTRIBUTES

MARGIN = timedelta(days=1)
CHORES = {"sweep": "banjie archive sweep", "reconcile": "banjie store reconcile"}
"""What is to be done by a schedule, and the command that makes it."""


async def namespace(client: Client) -> Finding | None:
    """How long it keeps what is over; None if it is not there."""
    name = client.namespace
    try:
        told = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    kept = told.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept < REOPEN_WINDOW + MARGIN:
        said = f"Finished runs are forgotten after {kept.days} days; a sweep may come too late."
        mend = f"temporal operator namespace update --namespace {name} --retention 720h"
        return warning("namespace", said, mend)
    return ok("namespace", f"{name} keeps finished runs for {kept.days} days.")


async def attributes(client: Client) -> list[Finding]:
    """Whether cases can be started."""
    told = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = [each.name for each in SEARCH_ATTRIBUTES if each.name not in told.custom_attributes]
    if not missing:
        return [ok("search attributes", "They are registered.")]
    options = " ".join(f"--name {name} --type Keyword" for name in missing)
    return [
        wrong(
            "search attributes",
            f"{' and '.join(missing)} are not registered, so every start is refused.",
            f"temporal operator search-attribute create --namespace {client.namespace} {options}",
        )
    ]


async def schedules(client: Client) -> list[Finding]:
    """Whether what is to be done nightly is done."""
    there = {each.id async for each in await client.list_schedules()}
    missing = [chore for chore in CHORES if f"banjie-{chore}" not in there]
    if not missing:
        return [ok("schedules", f"{' and '.join(CHORES)} are done by schedules.")]
    mend = "Make them: " + "; ".join(f"{CHORES[chore]} --every 24h" for chore in missing) + "."
    said = f"Nothing does {' and '.join(missing)} regularly."
    return [warning("schedules", said, mend)]


QUEUES = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
LONG_POLL = timedelta(seconds=75)
"""A worker that lives asks again at least so often."""
SKEW = timedelta(seconds=5)
NEWEST = 20
BEHIND = timedelta(seconds=30)


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
    if n := await count_cases(client, IncidentFilter(broken=True)):
        mend = "See `banjie ops incidents --broken`; mend the code, then `banjie ops retry NUMBER`."
        return [wrong("code", f"{n} cases stand still because their own code fails.", mend)]
    return [ok("code", "No case's own code fails.")]


async def lag(client: Client) -> list[Finding]:
    """Whether the newest cases wait to be recorded."""
    newest = [run.id async for run in client.list_workflows(RUNNING_CASES_QUERY, limit=NEWEST)]
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


PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Where:
    """Which server, and what of it is ours."""

    target: str
    namespace: str
    task_queue: str
    connection: ConnectionSettings | None


async def look(where: Where, build_id: str) -> list[Finding]:
    """What is wrong with Temporal; nothing else is asked if it does not answer."""
    if not where.target:
        said = "The system was restored, and not started since."
        return [wrong("temporal", said, "Start it: `banjie up`.")]
    try:
        client = await connect(
            where.target, where.namespace, connect_timeout=PATIENCE, settings=where.connection
        )
    except ConnectionError as error:
        mend = "Start it, or correct BANJIE_TEMPORAL_TARGET and the TLS settings."
        return [wrong("temporal", str(error), mend)]
    found = [ok("temporal", f"It answers at {where.target}.")]
    space = await namespace(client)
    if space is None:
        name = where.namespace
        mend = f"temporal operator namespace create --namespace {name} --retention 720h"
        return [*found, wrong("namespace", f"There is no namespace {name}.", mend)]
    parts: dict[str, Check] = {
        "search attributes": lambda: attributes(client),
        "workers": lambda: polling(client, where.task_queue, build_id),
        "code": lambda: broken(client),
        "recording": lambda: lag(client),
        "schedules": lambda: schedules(client),
    }
    return [*found, space, *await diagnose(parts)]
