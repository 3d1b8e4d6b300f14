"""`banjie replay` and `banjie gate`: would today's code do again what histories say was done?"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.archiving import ArchiveUrl, find_archive
from cli.command import AsJson, DataDir
from cli.failures import WrongUsage
from cli.operating import Namespace, TemporalTarget, Tenant, end, find_engine
from cli.output import Shown, instant
from cli.replaying import Wanted, replayed, told

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
"""Histories kept with the code, a folder for each version of a process; not installed with it."""

Processes = Annotated[
    int | None, typer.Option(min=1, help="How many processes. [one for each processor]")
]


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("replay")(replay)
    app.command("gate")(gate)


def replay(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    numbers: Annotated[
        list[str] | None, typer.Argument(help="These cases, all their runs.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="All cases whose workflow runs.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All that Temporal or the archive has.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="All runs that started then or later.")] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="A history or archived run as a file, or a folder.")
    ] = None,
    processes: Processes = None,
    tenant: Tenant = "default",
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Run histories through today's code; exit 10 if it would do anything else in any of them."""

    def work() -> Shown:
        from_when = datetime.fromisoformat(instant(since)) if since else None
        wanted = Wanted(numbers or (), open_, everything, from_when, file or (), tenant)
        if not wanted.asks_temporal and not wanted.files:
            raise WrongUsage("Say which: case numbers, --open, --all, --since or --file.")
        where = (_target(wanted, data_dir, temporal_target), namespace)
        archive = find_archive(data_dir, archive_url, None)
        return told(replayed(wanted, where, archive, processes))

    end(work, as_json=as_json)


def gate(
    golden: Annotated[
        list[Path] | None, typer.Option(help="Folders of kept histories. [those of the tests]")
    ] = None,
    no_temporal: Annotated[
        bool, typer.Option("--no-temporal", help="Only the kept histories, no open cases.")
    ] = False,
    processes: Processes = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Before a deployment: all open cases and the kept histories, run through this code."""

    def work() -> Shown:
        folders = golden or ([GOLDEN] if GOLDEN.is_dir() else [])
        if no_temporal and not folders:
            raise WrongUsage("There are no kept histories here; name a folder with --golden.")
        wanted = Wanted(open=not no_temporal, files=folders)
        where = (_target(wanted, data_dir, temporal_target), namespace)
        return told(replayed(wanted, where, find_archive(data_dir, None, None), processes))

    end(work, as_json=as_json)


def _target(wanted: Wanted, data_dir: Path | None, target: str | None) -> str:
    return find_engine(data_dir, target) if wanted.asks_temporal else ""
