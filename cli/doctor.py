"""`banjie ops doctor`: what is wrong with the installation, and how to mend it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.command import AsJson, DataDir
from cli.diagnosing import installation
from cli.failures import Exit
from cli.operating import DatabaseUrl, TemporalTarget, Tenant, carry_out, end
from cli.output import Shown

if TYPE_CHECKING:
    from ops.doctor.findings import Finding

DEEPER = (
    "Not looked at: each case's rows (banjie store reconcile --dry-run), the records "
    "(banjie audit verify), all archived files (banjie archive verify)."
)
STYLES = {"ok": "green", "warning": "yellow", "wrong": "red"}


def doctor(
    url: Annotated[str | None, typer.Option(envvar="BANJIE_URL", help="The API's address.")] = None,
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    tenant: Tenant = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that Banjie needs, and say what is wrong and what to do; changes nothing.

    Reads the settings of the environment, or the folder of `banjie up`. Exit code 10 if anything
    is wrong, 0 if there are warnings only.
    """

    def work() -> Shown:
        given = {"database_url": database_url, "temporal_target": temporal_target}
        said = {name: value for name, value in given.items() if value}
        return _told(carry_out(_look(data_dir, said, url, tenant)))

    end(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make a command of it."""
    app.command("doctor")(doctor)


async def _look(
    data_dir: Path | None, said: dict[str, str], url: str | None, tenant: str
) -> "list[Finding]":
    from ops.doctor.findings import diagnose

    here, wrong = installation(data_dir, said, url, tenant)
    return wrong + await diagnose(here.checks())


def _told(found: "list[Finding]") -> Shown:
    items = [{**vars(each), "level": each.level.value} for each in found]
    well = not any(each["level"] == "wrong" for each in items)
    code = Exit.OK if well else Exit.NOT_VERIFIED
    return Shown({"well": well, "findings": items}, lambda console: _draw(console, items), code)


def _draw(console: Console, items: list[dict[str, Any]]) -> None:
    for each in items:
        level = Text(f"{each['level']:<8}", STYLES[each["level"]])
        line = Text.assemble(level, f"{each['check']}: {each['said']}")
        console.print(line, soft_wrap=True)
        if each["mend"]:
            console.print(Text(f"        → {each['mend']}"), soft_wrap=True)
    wrong = sum(each["level"] == "wrong" for each in items)
    console.print(f"{wrong} to be mended." if wrong else "The installation needs no mending.")
    console.print(DEEPER, style="dim")
