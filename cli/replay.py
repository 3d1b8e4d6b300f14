"""`banjie replay` and `banjie gate`: would today's code do again what histories say was done?"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir
from cli.core.exits import CommandFailed, Exit, NotFound, WrongUsage
from cli.core.i18n import translate
from cli.core.operator import (
    ArchiveUrl,
    Namespace,
    ProcessCount,
    TemporalTarget,
    Tenant,
    connect_temporal,
    find_archive,
    find_temporal,
    refuse_unarchived_tenant,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, parse_time, table
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from temporalio.client import Client

    from ops.replay.history import PackedHistory
    from ops.replay.verdicts import Verdict
    from ops.worker_pool import WorkerPool
    from store.archive import Archive

HEADERS = ("case", "event", "step", "what", "from", "detail")
_CODE = Path(__file__).parent.parent
GOLDENS = (_CODE / "tests" / "golden", _CODE / "ops" / "replay" / "golden")
"""Where histories are kept with the code, a folder for each version of a process: in a checkout,
and where they are installed."""


@dataclass(frozen=True)
class HistorySelection:
    """Which histories: of these cases, of all that are open, of all at all, and in files."""

    numbers: Sequence[str] = ()
    open: bool = False
    all: bool = False
    since: datetime | None = None
    files: Sequence[Path] = ()
    tenant: str = "default"

    @property
    def asks_temporal(self) -> bool:
        """Whether files are not enough."""
        return bool(self.numbers or self.open or self.all or self.since)


@dataclass
class ReplayReport:
    """How many histories were replayed, and which of them diverge."""

    histories: int = 0
    events: int = 0
    seconds: float = 0.0
    diverging: list["Verdict"] = field(default_factory=list)


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
    processes: ProcessCount = None,
    tenant: Tenant = "default",
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Run histories through today's code; exit 10 if it would do anything else in any of them."""

    def work() -> CommandResult:
        start = datetime.fromisoformat(parse_time(since)) if since else None
        selection = HistorySelection(numbers or (), open_, everything, start, file or (), tenant)
        if not selection.asks_temporal and not selection.files:
            raise WrongUsage(
                translate("Say which: case numbers, --open, --all, --since or --file.")
            )
        engine = (_temporal_target(selection, data_dir, temporal_target), namespace)
        archive = find_archive(data_dir, archive_url, None)
        return _result(_replay(selection, engine, archive, processes))

    run_operator_command(work, as_json=as_json)


def gate(
    golden: Annotated[
        list[Path] | None,
        typer.Option(help="Folders of histories. [those that came with the code]"),
    ] = None,
    no_temporal: Annotated[
        bool, typer.Option("--no-temporal", help="Only the kept histories, no open cases.")
    ] = False,
    processes: ProcessCount = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Before a deployment: all open cases and the kept histories, run through this code."""

    def work() -> CommandResult:
        folders = golden or [each for each in GOLDENS if each.is_dir()][:1]
        if not folders:
            raise WrongUsage(
                translate(
                    "No kept histories came with this code, so a gate would let anything "
                    "pass; name a folder with --golden (tests/golden of the source)."
                )
            )
        selection = HistorySelection(open=not no_temporal, files=folders)
        engine = (_temporal_target(selection, data_dir, temporal_target), namespace)
        archive = find_archive(data_dir, None, None)
        report = _replay(selection, engine, archive, processes)
        if not report.histories:
            raise CommandFailed(
                translate(
                    "No history was found, so nothing was compared. "
                    "A gate that looked at nothing is not passed."
                )
            )
        return _result(report)

    run_operator_command(work, as_json=as_json)


def _temporal_target(selection: HistorySelection, data_dir: Path | None, target: str | None) -> str:
    return find_temporal(data_dir, target) if selection.asks_temporal else ""


def _replay(
    selection: HistorySelection, engine: tuple[str, str], archive: "Archive", processes: int | None
) -> ReplayReport:
    """Replay the histories, in so many processes.

    Raises:
        WrongUsage: a tenant whom the archive does not know.
        NotFound: a case that nobody knows, or a file that is not there.
        CommandFailed: the only file is no history, or a process died.
    """
    from domain.errors import WrongTable

    for file in selection.files:
        if not file.exists():
            raise NotFound(translate("There is no %(file)s.", file=file))
    try:
        from ops.replay.replay import replay_pool
    except WrongTable as error:
        raise CommandFailed(
            translate("This code cannot be loaded, so it runs no case: %(error)s.", error=error)
        ) from None
    with replay_pool(processes) as pool:
        return run_async(_replay_in(pool, selection, engine, archive))


async def _replay_in(
    pool: "WorkerPool", selection: HistorySelection, engine: tuple[str, str], archive: "Archive"
) -> ReplayReport:
    from concurrent.futures.process import BrokenProcessPool

    from ops.replay.history import UnreadableHistory
    from ops.replay.replay import Endless, replay_all
    from ops.replay.sources import UnknownCase

    client = None
    if selection.asks_temporal:
        await refuse_unarchived_tenant(archive, selection.tenant)
        client = await connect_temporal(*engine)
    histories = _histories(selection, client, archive)
    report, began = ReplayReport(), monotonic()
    try:
        with progress_bar(translate("histories"), None) as update:
            async for verdict in replay_all(histories, pool):
                report.histories += 1
                report.events += verdict.events
                if not verdict.same:
                    report.diverging.append(verdict)
                update(report.histories)
    except UnknownCase as error:
        raise NotFound(str(error)) from None
    except (UnreadableHistory, Endless) as error:
        raise CommandFailed(str(error)) from None
    except BrokenProcessPool:
        raise CommandFailed(
            translate("A process that replays was killed, perhaps for its memory.")
        ) from None
    report.seconds = monotonic() - began
    return report


async def _histories(
    selection: HistorySelection, client: "Client | None", archive: "Archive"
) -> "AsyncIterator[PackedHistory]":
    from ops.replay.sources import of_all, of_files, of_numbers, of_open

    sources = [of_files(selection.files)] if selection.files else []
    if client is not None:
        if selection.numbers:
            sources.append(of_numbers(client, archive, selection.tenant, selection.numbers))
        if selection.open:
            sources.append(of_open(client))
        if selection.all or selection.since:
            sources.append(of_all(client, archive, selection.tenant, selection.since))
    for source in sources:
        async for history in source:
            yield history


def _result(report: ReplayReport) -> CommandResult:
    """Return the result; exit code 10 if any history diverges."""
    document: dict[str, Any] = {
        "same": not report.diverging,
        "histories": report.histories,
        "events": report.events,
        "seconds": round(report.seconds, 2),
        "diverging": [verdict.document() for verdict in report.diverging],
    }
    rows = [
        (v.number, v.event, v.step, translate(v.sort.value), v.where, v.detail)
        for v in sorted(report.diverging, key=lambda verdict: verdict.number)
    ]
    same = (
        translate(
            "%(histories)s histories, and today's code does the same in each.",
            histories=report.histories,
        )
        if report.histories
        else translate("No history was found, so nothing was compared.")
    )
    render = table(HEADERS, rows, same)
    return CommandResult(document, render, Exit.NOT_VERIFIED if report.diverging else Exit.OK)
