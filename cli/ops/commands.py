"""`banjie ops`: what operators do, directly at the store and the workflow engine."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.audit.options import damage_told
from cli.core.client_file import ClientFile
from cli.core.client_file import data_dir as chosen_dir
from cli.core.command import AsJson, DataDir, new_app
from cli.core.exits import Exit, WrongUsage
from cli.core.i18n import say
from cli.core.operator import (
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    carry_out,
    end,
    engine,
    find_engine,
    opened,
)
from cli.core.output import Shown, table
from cli.core.progress import phases
from cli.ops import conformance, doctor, incidents, outbox
from cli.up.data_folder import Folder

app = new_app("For operators: doctor, verify, incidents, retry, outbox.")


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

    def work() -> Shown:
        url, target = _where(data_dir, database_url, temporal_target)
        return _told(carry_out(_verify(url, target, namespace, timedelta(seconds=patience))))

    end(work, as_json=as_json)


doctor.add_to(app)
incidents.add_to(app)
conformance.add_to(app)
app.add_typer(outbox.app, name="outbox")


def _where(data_dir: Path | None, url: str | None, target: str | None) -> tuple[str, str]:
    folder = Folder(chosen_dir(data_dir).absolute())
    file = ClientFile.read(folder.path)
    if file is None and (url is None or target is None):
        both = "--database-url, --temporal-target"
        raise WrongUsage(say("error.nothing_runs", folder=folder.path, option=both))
    return url or folder.database_url, find_engine(data_dir, target)


async def _verify(
    url: str, target: str, namespace: str, patience: timedelta
) -> list[dict[str, Any]]:
    from ops.oracle.oracle import Oracle

    client = await engine(target, namespace)
    with damage_told():
        async with opened(url) as store:
            oracle = Oracle(client, store, catch_up=patience)
            with phases() as told:
                found = oracle.verify(
                    progress=lambda done, total: told("cases", done, total),
                    waiting=lambda done, total: told("cases that were behind", done, total),
                )
                return [vars(finding) async for finding in found]


def _told(findings: list[dict[str, Any]]) -> Shown:
    rows = [(each["code"], each["number"], each["detail"]) for each in findings]
    draw = table(("finding", "case", "detail"), rows, "All is well: nothing lost, doubled or bent.")
    code = Exit.NOT_VERIFIED if findings else Exit.OK
    return Shown({"verified": not findings, "findings": findings}, draw, code)
