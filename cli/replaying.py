"""What `banjie replay` and `banjie gate` share: which histories, and how it is told."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from cli.advancing import advancing
from cli.archiving import refuse_unknown
from cli.failures import CommandFailed, Exit, NotFound
from cli.operating import carry_out, engine
from cli.output import Shown, table

if TYPE_CHECKING:
    from temporalio.client import Client

    from ops.replay.history import Kept
    from ops.replay.pool import Processes
    from ops.replay.verdicts import Verdict
    from store.archive import Archive

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
        from ops.replay.pool import processes
    except WrongTable as error:
        raise CommandFailed(f"This code cannot be loaded, so it runs no case: {error}.") from None
    with processes(number) as by:
        return carry_out(_replayed(wanted, where, archive, by))


async def _replayed(
    wanted: Wanted, where: tuple[str, str], archive: "Archive", by: "Processes"
) -> Found:
    from concurrent.futures.process import BrokenProcessPool

    from ops.replay.history import NoHistory
    from ops.replay.pool import Endless, replay_all
    from ops.replay.sources import UnknownCase

    if wanted.asks_temporal:
        await refuse_unknown(archive, wanted.tenant)
    client = await engine(*where) if wanted.asks_temporal else None
    kept = _histories(wanted, client, archive)
    found, began = Found(), monotonic()
    try:
        with advancing("histories", None) as step:
            async for verdict in replay_all(kept, by):
                found.histories += 1
                found.events += verdict.events
                if not verdict.same:
                    found.failed.append(verdict)
                step(found.histories)
    except UnknownCase as error:
        raise NotFound(str(error)) from None
    except (NoHistory, Endless) as error:
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
) -> "AsyncIterator[Kept]":
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
        async for kept in source:
            yield kept
