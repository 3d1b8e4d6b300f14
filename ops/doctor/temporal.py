"""Checks Temporal: it answers, is set up for us, and has workers that keep up."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cases.common.figures import REOPEN_WINDOW, longest
from ops.doctor.checks import Check, CheckResult, ok, run_checks, warning, wrong
from ops.incidents.incidents import IncidentFilter, count_cases
from runtime.message import Message
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
    build_id: str | None,
    connection: ConnectionSettings | None,
) -> list[CheckResult]:
    """Check that Temporal answers and has the namespace, and then everything in it."""
    if not target:
        message = Message("The system was restored, and not started since.")
        return [wrong("temporal", message, Message("Start it: `banjie up`."))]
    answers = ok("temporal", Message("It answers at %(target)s.", target=target))
    try:
        client = await connect(target, namespace, connect_timeout=PATIENCE, settings=connection)
    except ConnectionError as error:
        remedy: str = Message("Start it, or correct BANJIE_TEMPORAL_TARGET and the TLS settings.")
        return [wrong("temporal", str(error), remedy)]
    except WrongSetting:
        remedy = f"temporal operator namespace create --namespace {namespace} --retention 720h"
        return [
            answers,
            wrong(
                "namespace",
                Message("There is no namespace %(namespace)s.", namespace=namespace),
                remedy,
            ),
        ]
    namespace_result = await _check_namespace(client)
    checks: dict[str, Check] = {
        "search attributes": lambda: _check_search_attributes(client),
        "workers": lambda: check_workers(client, task_queue, build_id),
        "code": lambda: _check_code(client),
        "recording": lambda: _check_recording(client),
        "schedules": lambda: _check_schedules(client),
    }
    return [answers, namespace_result, *await run_checks(checks)]


async def check_workers(client: Client, queue: str, build_id: str | None) -> list[CheckResult]:
    """Check that workers poll the queue, with which build, and by which clock.

    Without a build of its own, whoever asks compares none.
    """
    polling = [await pollers(client, queue, type) for type in (WORKFLOWS, ACTIVITIES)]
    now = datetime.now(UTC)
    polls = [each.last_access_time.ToDatetime(UTC) for some in polling for each in some]
    if not all(polling) or max(polls) < now - LONG_POLL:
        remedy = Message(
            "Start one: python -m worker; if one runs, see its log and its BANJIE_TASK_QUEUE."
        )
        return [
            wrong(
                "workers",
                Message("No worker asks for work on the queue %(queue)s.", queue=queue),
                remedy,
            )
        ]
    results = [_check_builds(polling[0], build_id)]
    if (ahead := max(polls) - now) > SKEW:
        message = Message(
            "Temporal's clock is at least %(seconds)s s ahead of this machine's.",
            seconds=ahead.seconds,
        )
        results.append(
            wrong("temporal clock", message, Message("Let both follow a time server (NTP)."))
        )
    return results


async def _check_namespace(client: Client) -> CheckResult:
    """Check how long finished runs are kept."""
    name = client.namespace
    description = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=name)
    )
    retention = description.config.workflow_execution_retention_ttl.ToTimedelta()
    days = retention.days
    if retention < longest(REOPEN_WINDOW) + RETENTION_MARGIN:
        message = Message(
            "Finished runs are forgotten after %(days)s days; a sweep may come too late.", days=days
        )
        remedy = f"temporal operator namespace update --namespace {name} --retention 720h"
        return warning("namespace", message, remedy)
    return ok(
        "namespace",
        Message("%(name)s keeps finished runs for %(days)s days.", name=name, days=days),
    )


async def _check_search_attributes(client: Client) -> list[CheckResult]:
    response = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    registered = response.custom_attributes
    missing = [each.name for each in SEARCH_ATTRIBUTES if each.name not in registered]
    if not missing:
        return [ok("search attributes", Message("They are registered."))]
    options = " ".join(f"--name {name} --type Keyword" for name in missing)
    return [
        wrong(
            "search attributes",
            Message(
                "%(missing)s are not registered, so every start is refused.",
                missing=[Message(chore) for chore in missing],
            ),
            f"temporal operator search-attribute create --namespace {client.namespace} {options}",
        )
    ]


async def _check_code(client: Client) -> list[CheckResult]:
    if n := await count_cases(client, IncidentFilter(broken=True)):
        remedy = Message(
            "See `banjie ops incidents --broken`; mend the code, then `banjie ops retry NUMBER`."
        )
        return [
            wrong(
                "code",
                Message("%(n)s cases stand still because their own code fails.", n=n),
                remedy,
            )
        ]
    return [ok("code", Message("No case's own code fails."))]


async def _check_recording(client: Client) -> list[CheckResult]:
    """Check that the newest cases do not wait to be recorded."""
    newest = [run.id async for run in client.list_workflows(RUNNING_CASES_QUERY, limit=NEWEST)]
    waits = await asyncio.gather(*(_waits(client, number) for number in newest))
    late = [waited for waited in waits if waited > LATE]
    if late:
        message = Message(
            "%(late)s of the %(newest)s newest cases wait to be recorded, the "
            "longest for %(seconds)s s.",
            late=len(late),
            newest=len(newest),
            seconds=max(late).seconds,
        )
        remedy = Message("See whether the database answers, and `banjie ops incidents`.")
        return [wrong("recording", message, remedy)]
    return [ok("recording", Message("What happens is recorded at once."))]


async def _check_schedules(client: Client) -> list[CheckResult]:
    schedules = {schedule.id async for schedule in await client.list_schedules()}
    missing = [chore for chore in CHORES if f"banjie-{chore}" not in schedules]
    if not missing:
        return [
            ok(
                "schedules",
                Message(
                    "%(chores)s are done by schedules.", chores=[Message(chore) for chore in CHORES]
                ),
            )
        ]
    commands = "; ".join(f"{CHORES[chore]} --every 24h" for chore in missing)
    remedy = Message("Make them: %(commands)s.", commands=commands)
    message = Message(
        "Nothing does %(missing)s regularly.", missing=[Message(chore) for chore in missing]
    )
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


def _check_builds(polling: list[PollerInfo], build_id: str | None) -> CheckResult:
    builds = {_build(poller) for poller in polling} - {""}
    if build_id is None:
        message = Message("%(polling)s at work, of %(builds)s.", polling=len(polling),
                          builds=sorted(builds))  # fmt: skip
        return ok("workers", message)
    if others := sorted(builds - {build_id}):
        message = Message(
            "Workers of %(others)s are at work; this code is %(build_id)s.",
            others=[*others],
            build_id=build_id,
        )
        remedy = Message("Replace the workers, or run the command that fits them.")
        return warning("workers", message, remedy)
    return ok(
        "workers",
        Message(
            "%(polling)s at work, of build %(build_id)s.", polling=len(polling), build_id=build_id
        ),
    )


def _build(poller: PollerInfo) -> str:
    return poller.deployment_options.build_id or poller.worker_version_capabilities.build_id
