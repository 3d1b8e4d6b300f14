"""`banjie replay` and `banjie gate`: would today's code do again what histories say was done?"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from cli.archive.render import refuse_unknown
from cli.core.exits import CommandFailed, Exit, NotFound
from cli.core.operator import carry_out, engine
from cli.core.output import Shown, table
from cli.core.progress import advancing

if TYPE_CHECKING:
    from temporalio.client import Client

    from ops.replay.history import PackedHistory
    from ops.replay.verdicts import Verdict
    from ops.worker_pool import WorkerPool
    from store.archive import Archive
from typing import Annotated

import typer

from cli.archive.render import ArchiveUrl, find_archive
from cli.core.command import AsJson, DataDir
from cli.core.exits import WrongUsage
from cli.core.operator import Namespace, TemporalTarget, Tenant, end, find_engine
from cli.core.output import instant

HEADS = ("case", "event", "step", "what", "from", "detail")
FINE = "{} histories, and today's code does the same in each."


@dataclass(frozen=True)
class Wanted:
    """Which histories: these cases, or all that are open, or all at all, and files."""

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
class Found:
    """What came of it."""

    histories: int = 0
    events: int = 0
    seconds: float = 0.0
    failed: list["Verdict"] = field(default_factory=list)


def replayed(
    wanted: Wanted, where: tuple[str, str], archive: "Archive", number: int | None
) -> Found:
    """Replay them all, in so many processes.

    Raises:
        WrongUsage: a tenant whom the archive does not know.
        NotFound: a case that nobody knows, or a file that is not there.
        CommandFailed: the only file is no history, or a process died.
    """
    from domain.errors import WrongTable

    for file in wanted.files:
        if not file.exists():
            raise NotFound(f"There is no {file}.")
    try:
        from ops.replay.replay import replay_pool
    except WrongTable as error:
        raise CommandFailed(f"This code cannot be loaded, so it runs no case: {error}.") from None
    with replay_pool(number) as pool:
        return carry_out(_replayed(wanted, where, archive, pool))


async def _replayed(
    wanted: Wanted, where: tuple[str, str], archive: "Archive", pool: "WorkerPool"
) -> Found:
    from concurrent.futures.process import BrokenProcessPool

    from ops.replay.history import UnreadableHistory
    from ops.replay.replay import Endless, replay_all
    from ops.replay.sources import UnknownCase

    if wanted.asks_temporal:
        await refuse_unknown(archive, wanted.tenant)
    client = await engine(*where) if wanted.asks_temporal else None
    histories = _histories(wanted, client, archive)
    found, began = Found(), monotonic()
    try:
        with advancing("histories", None) as step:
            async for verdict in replay_all(histories, pool):
                found.histories += 1
                found.events += verdict.events
                if not verdict.same:
                    found.failed.append(verdict)
                step(found.histories)
    except UnknownCase as error:
        raise NotFound(str(error)) from None
    except (UnreadableHistory, Endless) as error:
        raise CommandFailed(str(error)) from None
    except BrokenProcessPool:
        raise CommandFailed("A process that replays was killed, perhaps for its memory.") from None
    found.seconds = monotonic() - began
    return found


def told(found: Found) -> Shown:
    """The outcome; exit code 10 if any history diverges."""
    document: dict[str, Any] = {
        "same": not found.failed,
        "histories": found.histories,
        "events": found.events,
        "seconds": round(found.seconds, 2),
        "diverging": [each.document() for each in found.failed],
    }
    rows = [
        (v.number, v.event, v.step, v.sort.value, v.where, v.detail)
        for v in sorted(found.failed, key=lambda each: each.number)
    ]
    draw = table(HEADS, rows, FINE.format(found.histories))
    return Shown(document, draw, Exit.NOT_VERIFIED if found.failed else Exit.OK)


async def _histories(
    wanted: Wanted, client: "Client | None", archive: "Archive"
) -> "AsyncIterator[PackedHistory]":
    from ops.replay.sources import of_all, of_files, of_numbers, of_open

    sources = [of_files(wanted.files)] if wanted.files else []
    if client is not None:
        if wanted.numbers:
            sources.append(of_numbers(client, archive, wanted.tenant, wanted.numbers))
        if wanted.open:
            sources.append(of_open(client))
        if wanted.all or wanted.since:
            sources.append(of_all(client, archive, wanted.tenant, wanted.since))
    for source in sources:
        async for history in source:
            yield history


GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
"""Histories kept with the code, a folder for each version of a process; not installed with it."""

ProcessCount = Annotated[
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
    processes: ProcessCount = None,
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
    processes: ProcessCount = None,
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
