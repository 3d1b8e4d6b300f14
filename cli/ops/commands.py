"""`banjie ops`: what operators do, directly at the store and the workflow engine."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from cli.core.command import AsJson, DataDir, noun_app
from cli.core.exits import Exit
from cli.core.i18n import translate
from cli.core.operator import (
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    connect_temporal,
    find_both,
    open_store,
    report_damage,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, table
from cli.core.progress import phased_progress
from cli.ops import conformance, doctor, incidents, outbox

app = noun_app("For operators: doctor, verify, incidents, retry, outbox.")


@app.callback()
def root() -> None:
    """For operators: doctor, verify, incidents, retry, outbox."""


@app.command("verify")
def verify(
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that a case which just moves has to catch up.")
    ] = 30,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look whether all that was acknowledged is there, once, and alike in store and workflow."""

    def work() -> CommandResult:
        url, target = find_both(data_dir, database_url, temporal_target)
        catch_up = timedelta(seconds=patience)
        return _result(run_async(_verify(url, target, namespace, catch_up)))

    run_operator_command(work, as_json=as_json)


doctor.add_to(app)
incidents.add_to(app)
conformance.add_to(app)
app.add_typer(outbox.app, name="outbox")


async def _verify(
    url: str, target: str, namespace: str, catch_up: timedelta
) -> list[dict[str, Any]]:
    from ops.oracle.oracle import Oracle

    client = await connect_temporal(target, namespace)
    with report_damage():
        async with open_store(url) as store:
            oracle = Oracle(client, store, catch_up=catch_up)
            with phased_progress() as update:
                findings = oracle.verify(
                    progress=lambda done, total: update(translate("cases"), done, total),
                    waiting=lambda done, total: update(
                        translate("cases that were behind"), done, total
                    ),
                )
                return [vars(finding) async for finding in findings]


def _result(findings: list[dict[str, Any]]) -> CommandResult:
    rows = [(each["code"], each["number"], each["detail"]) for each in findings]
    render = table(
        ("finding", "case", "detail"),
        rows,
        translate("All is well: nothing lost, doubled or bent."),
    )
    code = Exit.NOT_VERIFIED if findings else Exit.OK
    return CommandResult({"verified": not findings, "findings": findings}, render, code)
