"""`banjie ops incidents` and `retry`: cases that stand still for a technical reason."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.command import AsJson, DataDir, Reason
from cli.core.exits import WrongUsage
from cli.core.i18n import translate
from cli.core.names import refuse_unknown_kind
from cli.core.operator import (
    DEFAULT_TENANT,
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    Tenant,
    connect_temporal,
    find_both,
    find_temporal,
    open_store,
    operator_actor,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, sentence, table
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from ops.incidents.incidents import Incident
    from ops.incidents.retry import RetryReport


HEADERS = ("case", "port", "attempts", "for", "failure", "where")
Number = Annotated[str, typer.Argument(help="The case.")]
Numbers = Annotated[list[str] | None, typer.Argument(help="Only these cases.")]


def list_incidents(
    numbers: Numbers = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind: complaint …")] = None,
    older_than: Annotated[
        float | None, typer.Option(min=0, help="Only cases that began so many hours ago.")
    ] = None,
    broken: Annotated[
        bool, typer.Option("--broken", help="Only those whose own code fails: quick.")
    ] = False,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what was tried more than three times and still fails; it is tried on and on.

    Looks at each running case in turn, some hundreds a second; the options leave most of them out.
    """

    def work() -> CommandResult:
        target = find_temporal(data_dir, temporal_target)
        if numbers and (kind or older_than is not None or broken):
            raise WrongUsage(translate("Name the cases, or say which ones, not both."))
        refuse_unknown_kind(kind)
        incidents = _find(target, namespace, numbers or [], kind, older_than, broken=broken)
        return _result(run_async(incidents))

    run_operator_command(work, as_json=as_json)


def retry(
    number: Number,
    reason: Reason = "",
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Try at once what fails in this case, instead of waiting for the next attempt."""

    def work() -> CommandResult:
        url, target = find_both(data_dir, database_url, temporal_target)
        report = run_async(_retry(url, tenant, target, namespace, number, reason))
        count = report.activities
        message = (
            translate("%(count)s to be tried at once.", count=count)
            if count
            else translate("Nothing there waits to be tried.")
        )
        if report.code:
            message = translate("The case goes on at once, from where its code failed.")
        return CommandResult({"retried": count, "code": report.code}, sentence(message))

    run_operator_command(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("incidents")(list_incidents)
    app.command("retry")(retry)


async def _find(
    target: str,
    namespace: str,
    numbers: list[str],
    kind: str | None,
    older_than: float | None,
    *,
    broken: bool,
) -> "list[Incident]":
    from ops.incidents.incidents import TOLERATED, IncidentFilter, count_cases, find_incidents

    before = None if older_than is None else datetime.now(UTC) - timedelta(hours=older_than)
    cases = IncidentFilter(kind, before, broken)
    client = await connect_temporal(target, namespace)
    for number in numbers:  # an unknown case would have no incident, which would pass for good news
        await client.get_workflow_handle(number).describe()
    total = len(numbers) or await count_cases(client, cases)
    with progress_bar(translate("cases"), total) as update:
        incidents = find_incidents(client, numbers, TOLERATED, cases, update)
        return [incident async for incident in incidents]


async def _retry(
    url: str, tenant: str, target: str, namespace: str, number: str, reason: str
) -> "RetryReport":
    from ops.incidents.retry import retry_as
    from store.audit.records import By

    client = await connect_temporal(target, namespace)
    async with open_store(url, tenant) as store:
        return await retry_as(client, store, tenant, By(operator_actor(), reason), number)


def _result(incidents: "list[Incident]") -> CommandResult:
    now = datetime.now(UTC)
    items = [
        {
            **vars(incident),
            "since": incident.since.isoformat(),
            "seconds": round((now - incident.since).total_seconds()),
        }
        for incident in incidents
    ]
    rows = [
        (each.number, each.port, each.attempts, _age(now, each.since), _why(each), each.place)
        for each in incidents
    ]
    return CommandResult(
        {"incidents": items}, table(HEADERS, rows, translate("Nothing stands still."))
    )


def _why(incident: "Incident") -> str:
    return f"{incident.failure}: {incident.detail}" if incident.detail else incident.failure


def _age(now: datetime, since: datetime) -> str:
    return str(now - since).partition(".")[0]
