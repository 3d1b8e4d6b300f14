"""`banjie store`: the read model made again from workflows and archive, or mended from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cli.core.exits import Exit
from cli.core.output import Draw, Shown, table

if TYPE_CHECKING:
    from ops.rebuild.diff import Difference, RebuildReport, ReconcileReport
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.archive.render import interval
from cli.core.exits import CommandFailed, Refused, Unavailable
from cli.core.operator import engine
from cli.core.output import sentence, stderr
from cli.core.progress import advancing

if TYPE_CHECKING:
    from ops.rebuild.diff import RebuildReport, ReconcileReport
    from ops.rebuild.inspect import Inspector
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.archive.render import ArchiveUrl, Every
from cli.core.client_file import data_dir as chosen_dir
from cli.core.command import AsJson, DataDir, new_app
from cli.core.exits import WrongUsage
from cli.core.operator import DatabaseUrl, Namespace, TemporalTarget, carry_out, end, find_engine
from cli.replay import ProcessCount as Processes
from cli.up.data_folder import Folder

HEADS = ("case", "table", "row", "what", "then", "fields")
ADVICE = "Entries are not mended by themselves: run `banjie audit verify`, then --mend-entries."


def told_rebuilt(report: "RebuildReport", into: str | None) -> Shown:
    """The outcome; exit code 10 if the live store is another."""
    document: dict[str, Any] = {
        "same": None if report.compared is None else not report.differences,
        "into": into,
        "cases": report.cases,
        "entries": report.entries,
        "seconds": round(report.seconds, 2),
        "cases_per_second": round(report.rate, 1),
        "compared": report.compared,
        "comparing_seconds": round(report.comparing_seconds, 2),
        "moved": report.caught_up,
        "moving": report.changing,
        "records": report.records,
        "differences": [each.document() for each in report.differences],
    }
    compared = (
        "there was nothing to compare it with"
        if report.compared is None
        else f"the store has the same, in {report.compared} cases"
    )
    made = f"{report.cases} cases, {report.entries} entries made again"
    fine = f"{made} in {report.seconds:.1f} s; {compared}."
    code = Exit.NOT_VERIFIED if report.differences else Exit.OK
    return Shown(document, _drawn(report.differences, fine, ""), code)


def told_reconciled(report: "ReconcileReport", *, dry_run: bool) -> Shown:
    """The outcome; exit code 10 if anything stays as it was."""
    document: dict[str, Any] = {
        "reconciled": not report.stays,
        "dry_run": dry_run,
        "cases": report.cases,
        "seconds": round(report.seconds, 2),
        "moving": report.changing,
        "differences": [each.document() for each in report.differences],
    }
    fine = f"{report.cases} cases, and the store has of each what it should."
    entries = any(each.table == "entries" and each.fate == "stays" for each in report.differences)
    code = Exit.NOT_VERIFIED if report.stays else Exit.OK
    return Shown(document, _drawn(report.differences, fine, ADVICE if entries else ""), code)


def _drawn(found: "Sequence[Difference]", fine: str, advice: str) -> Draw:
    rows = [
        (d.number, d.table, d.key, d.sort.value, d.fate.value, ", ".join(d.fields) or d.detail)
        for d in found
    ]
    draw_table = table(HEADS, rows, fine)

    def draw(console: Console) -> None:
        draw_table(console)
        if advice:
            console.print(advice, markup=False, soft_wrap=True)

    return draw


UNREADABLE = "The store cannot be read: nothing is compared, and no records are copied."


@dataclass(frozen=True)
class Where:
    """The store, the archive and the engine."""

    database_url: str
    archive_url: str
    target: str
    namespace: str


async def rebuilt(
    where: Where, into: str, processes: int | None, *, records: bool
) -> "RebuildReport":
    """Make the read model again.

    Raises:
        Refused: the database to fill is not empty.
        CommandFailed: its file cannot be made, or its disk is full.
    """
    from ops.rebuild.fold import collect_rarely, fold_pool
    from ops.rebuild.rebuild import Rebuilder
    from ops.rebuild.target import TargetNotEmpty, TargetUnwritable, fresh_store
    from store.errors import StoreFull

    collect_rarely()
    try:
        with fold_pool(processes) as pool:
            async with _inspector(where) as (inspector, live), fresh_store(into) as store:
                if not live:
                    stderr().print(UNREADABLE, markup=False)
                rebuilder = Rebuilder(inspector, store, live, pool)
                with advancing("cases", None) as step:
                    return await rebuilder.run(lambda _, done, __: step(done), records=records)
    except TargetNotEmpty as error:
        raise Refused(str(error)) from None
    except TargetUnwritable as error:
        raise CommandFailed(str(error)) from None
    except StoreFull:
        raise CommandFailed(
            "The disk is full where the new database is written; nothing is left of it. "
            "Make room and try again."
        ) from None


async def reconciled(
    where: Where, processes: int | None, *, mend: bool, entries: bool
) -> "ReconcileReport":
    """Find what differs, and mend it.

    Raises:
        Unavailable: there is no store that answers.
    """
    from ops.rebuild.fold import fold_pool
    from ops.rebuild.reconcile import Reconciler

    with fold_pool(processes) as pool:
        async with _inspector(where) as (inspector, live):
            if not live:
                said = "The store cannot be read; `banjie store rebuild` makes a new one."
                raise Unavailable(said)
            with advancing("cases", None) as step:
                reconciler = Reconciler(inspector, mend, entries, pool)
                return await reconciler.run(lambda _, done, __: step(done))


async def scheduled(target: str, namespace: str, every: str) -> Shown:
    """Have workers do it so often, or never again.

    Raises:
        WrongUsage: it is no interval.
    """
    from ops.rebuild.reconcile import RECONCILE
    from temporal.schedules import schedule, unschedule

    often = interval(every)
    client = await engine(target, namespace)
    if often is None:
        was = await unschedule(client, RECONCILE)
        told = "Reconciling is no longer scheduled." if was else "It was not scheduled."
        return Shown({"every": None, "was_scheduled": was}, sentence(told))
    await schedule(client, RECONCILE, often)
    seconds = int(often.total_seconds())
    return Shown({"every": seconds}, sentence(f"A worker reconciles the store every {every}."))


@asynccontextmanager
async def _inspector(where: Where) -> "AsyncIterator[tuple[Inspector, bool]]":
    """The inspector of the store, and whether the store can be read."""
    from ops.rebuild.inspect import Inspector
    from ops.rebuild.sources import Sources
    from ops.rebuild.target import readable_store
    from store import Store

    sources = Sources(await engine(where.target, where.namespace), where.archive_url)
    async with readable_store(where.database_url) as store:
        if store is not None:
            yield Inspector(sources, store), True
            return
    yield Inspector(sources, await Store.open(where.database_url)), False


app = new_app("The read model: rebuild it, reconcile it.")


@app.callback()
def root() -> None:
    """The read model: rebuild it, reconcile it."""


@app.command("rebuild")
def rebuild(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    into: Annotated[
        str | None,
        typer.Option(help="The empty database to fill. [a file that is thrown away afterwards]"),
    ] = None,
    no_records: Annotated[
        bool, typer.Option("--no-records", help="Cases only; do not copy customers, keys, ….")
    ] = False,
    processes: Processes = None,
    database_url: DatabaseUrl = None,
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the read model again from workflows and archive, and compare; exit 10 if it differs."""

    def work() -> Shown:
        where = _where(data_dir, database_url, archive_url, temporal_target, namespace)
        with tempfile.TemporaryDirectory(prefix="banjie-rebuild-") as folder:
            url = into or f"sqlite+aiosqlite:///{folder}/banjie.db"
            records = bool(into) and not no_records
            return told_rebuilt(carry_out(rebuilt(where, url, processes, records=records)), into)

    end(work, as_json=as_json)


@app.command("reconcile")
def reconcile(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs, no more.")] = False,
    mend_entries: Annotated[
        bool,
        typer.Option(
            "--mend-entries", help="Replace entries that differ, too; verify the audit first."
        ),
    ] = False,
    every: Every = None,
    processes: Processes = None,
    database_url: DatabaseUrl = None,
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find where the store is not what the workflows say, and mend it; exit 10 if any stays."""

    def work() -> Shown:
        if every is not None:
            if dry_run or mend_entries:
                raise WrongUsage("By schedule it mends all but entries; leave the others out.")
            target = find_engine(data_dir, temporal_target)
            return carry_out(scheduled(target, namespace, every))
        where = _where(data_dir, database_url, archive_url, temporal_target, namespace)
        found = carry_out(reconciled(where, processes, mend=not dry_run, entries=mend_entries))
        return told_reconciled(found, dry_run=dry_run)

    end(work, as_json=as_json)


def _where(
    data_dir: Path | None,
    database_url: str | None,
    archive_url: str | None,
    target: str | None,
    namespace: str,
) -> Where:
    from store.archive import default_archive_url

    folder = Folder(chosen_dir(data_dir).absolute())
    own = default_archive_url(database_url) if database_url else folder.archive_url
    url = database_url or folder.database_url
    return Where(url, archive_url or own, find_engine(data_dir, target), namespace)
