"""Checks Temporal: it answers, is set up for us, and has workers that keep up."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cases.common.policy import REOPEN_WINDOW
from ops.doctor.checks import Check, CheckResult, ok, run_checks, warning, wrong
from ops.incidents.incidents import IncidentFilter, count_cases
from runtime.settings import WrongSetting
from temporal.connection import connect
from temporal.connection_settings import ConnectionSettings
from temporal.names import RECORD, RUNNING_CASES_QUERY, SEARCH_ATTRIBUTES
from temporal.task_queues import ACTIVITIES, LONG_POLL, WORKFLOWS, pollers

PATIENCE = timedelta(seconds=5)
RETENTION_MARGIN = timedelta(days=1)
CHORES = {"sweep": "banjie archive sweep", "reconcile": "banjie store reconcile"}
"""The chores that schedules do, each with the command that makes its schedule."""
SKEW = timedelta(seconds=5)
NEWEST = 20
LATE = timedelta(seconds=30)


async def check_temporal(
    target: str,
    namespace: str,
    task_queue: str,
    build_id: str,
    connection: ConnectionSettings | None,
) -> list[CheckResult]:
    """Check that Temporal answers and has the namespace, and then everything in it."""
    if not target:
        message = "The system was restored, and not started since."
        return [wrong("temporal", message, "Start it: `banjie up`.")]
    answers = ok("temporal", f"It answers at {target}.")
    try:
        client = await connect(target, namespace, connect_timeout=PATIENCE, settings=connection)
    except ConnectionError as error:
        remedy = "Start it, or correct BANJIE_TEMPORAL_TARGET and the TLS settings."
        return [wrong("temporal", str(error), remedy)]
    except WrongSetting:
        remedy = f"temporal operator namespace create --namespace {namespace} --retention 720h"
        return [answers, wrong("namespace", f"There is no namespace {namespace}.", remedy)]
    namespace_result = await _check_namespace(client)
    checks: dict[str, Check] = {
        "search attributes": lambda: _check_search_attributes(client),
        "workers": lambda: check_workers(client, task_queue, build_id),
        "code": lambda: _check_code(client),
        "recording": lambda: _check_recording(client),
        "schedules": lambda: _check_schedules(client),
    }
    return [answers, namespace_result, *await run_checks(checks)]


async def check_workers(client: Client, queue: str, build_id: str) -> list[CheckResult]:
    """Check that workers poll the queue, with which build, and by which clock."""
    polling = [await pollers(client, queue, type) for type in (WORKFLOWS, ACTIVITIES)]
    now = datetime.now(UTC)
    polls = [each.last_access_time.ToDatetime(UTC) for some in polling for each in some]
    if not all(polling) or max(polls) < now - LONG_POLL:
        remedy = "Start one: python -m worker; if one runs, see its log and its BANJIE_TASK_QUEUE."
        return [wrong("workers", f"No worker asks for work on the queue {queue}.", remedy)]
    results = [_check_builds(polling[0], build_id)]
    if (ahead := max(polls) - now) > SKEW:
        message = f"Temporal's clock is at least {ahead.seconds} s ahead of this machine's."
        results.append(wrong("temporal clock", message, "Let both follow a time server (NTP)."))
    return results


async def _check_namespace(client: Client) -> CheckResult:
    """Check how long finished runs are kept."""
    name = client.namespace
    description = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=name)
    )
    retention = description.config.workflow_execution_retention_ttl.ToTimedelta()
    days = retention.days
    if retention < REOPEN_WINDOW + RETENTION_MARGIN:
        message = f"Finished runs are forgotten after {days} days; a sweep may come too late."
        remedy = f"temporal operator namespace update --namespace {name} --retention 720h"
        return warning("namespace", message, remedy)
    return ok("namespace", f"{name} keeps finished runs for {days} days.")


async def _check_search_attributes(client: Client) -> list[CheckResult]:
    response = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    registered = response.custom_attributes
    missing = [each.name for each in SEARCH_ATTRIBUTES if each.name not in registered]
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


async def _check_code(client: Client) -> list[CheckResult]:
    if n := await count_cases(client, IncidentFilter(broken=True)):
        remedy = (
            "See `banjie ops incidents --broken`; mend the code, then `banjie ops retry NUMBER`."
        )
        return [wrong("code", f"{n} cases stand still because their own code fails.", remedy)]
    return [ok("code", "No case's own code fails.")]


async def _check_recording(client: Client) -> list[CheckResult]:
    """Check that the newest cases do not wait to be recorded."""
    newest = [run.id async for run in client.list_workflows(RUNNING_CASES_QUERY, limit=NEWEST)]
    waits = await asyncio.gather(*(_waits(client, number) for number in newest))
    late = [waited for waited in waits if waited > LATE]
    if late:
        message = (
            f"{len(late)} of the {len(newest)} newest cases wait to be recorded, "
            f"the longest for {max(late).seconds} s."
        )
        remedy = "See whether the database answers, and `banjie ops incidents`."
        return [wrong("recording", message, remedy)]
    return [ok("recording", "What happens is recorded at once.")]


async def _check_schedules(client: Client) -> list[CheckResult]:
    schedules = {schedule.id async for schedule in await client.list_schedules()}
    missing = [chore for chore in CHORES if f"banjie-{chore}" not in schedules]
    if not missing:
        return [ok("schedules", f"{' and '.join(CHORES)} are done by schedules.")]
    remedy = "Make them: " + "; ".join(f"{CHORES[chore]} --every 24h" for chore in missing) + "."
    message = f"Nothing does {' and '.join(missing)} regularly."
    return [warning("schedules", message, remedy)]


async def _waits(client: Client, number: str) -> timedelta:
    """Return for how long a case has waited to be recorded."""
    try:
        raw = (await client.get_workflow_handle(number).describe()).raw_description
    except RPCError:
        return timedelta()  # the case ended since it was listed
    since = [
        activity.scheduled_time.ToDatetime(UTC)
        for activity in raw.pending_activities
        if activity.activity_type.name == RECORD
    ]
    return datetime.now(UTC) - min(since) if since else timedelta()


def _check_builds(polling: list[PollerInfo], build_id: str) -> CheckResult:
    builds = {_build(poller) for poller in polling} - {""}
    if others := sorted(builds - {build_id}):
        message = f"Workers of {', '.join(others)} are at work; this code is {build_id}."
        remedy = "Replace the workers, or run the command that fits them."
        return warning("workers", message, remedy)
    return ok("workers", f"{len(polling)} at work, of build {build_id}.")


def _build(poller: PollerInfo) -> str:
    return poller.deployment_options.build_id or poller.worker_version_capabilities.build_id
