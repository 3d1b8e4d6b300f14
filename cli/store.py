"""`banjie store`: the read model made again from workflows and archive, or mended from them."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli.core.command import AsJson, DataDir, noun_app
from cli.core.exits import CommandFailed, Exit, Refused, Unavailable, WrongUsage
from cli.core.i18n import listed, translate
from cli.core.operator import (
    DEFAULT_TENANT,
    ArchiveUrl,
    DatabaseUrl,
    Every,
    Namespace,
    ProcessCount,
    TemporalTarget,
    connect_temporal,
    data_folder,
    find_temporal,
    operator_actor,
    run_async,
    run_operator_command,
    schedule_chore,
)
from cli.core.output import CommandResult, Renderer, stderr, table
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from ops.rebuild.diff import Difference, RebuildReport, ReconcileReport
    from ops.rebuild.inspect import Inspector

HEADERS = ("case", "table", "row", "what", "then", "fields")
ADVICE = "Entries are not mended by themselves: run `banjie audit verify`, then --mend-entries."
UNREADABLE = "The store cannot be read: nothing is compared, and no records are copied."


@dataclass(frozen=True)
class Locations:
    """Where the store, the archive and the engine are."""

    database_url: str
    archive_url: str
    temporal_target: str
    namespace: str


app = noun_app("The read model: rebuild it, reconcile it.")


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
    processes: ProcessCount = None,
    database_url: DatabaseUrl = None,
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make the read model again from workflows and archive, and compare; exit 10 if it differs."""

    def work() -> CommandResult:
        locations = _locate(data_dir, database_url, archive_url, temporal_target, namespace)
        with tempfile.TemporaryDirectory(prefix="banjie-rebuild-") as folder:
            url = into or f"sqlite+aiosqlite:///{folder}/banjie.db"
            records = bool(into) and not no_records
            report = run_async(_rebuild(locations, url, processes, records=records))
            return _rebuild_result(report, into)

    run_operator_command(work, as_json=as_json)


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
    processes: ProcessCount = None,
    database_url: DatabaseUrl = None,
    archive_url: ArchiveUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find where the store is not what the workflows say, and mend it; exit 10 if any stays."""

    def work() -> CommandResult:
        if every is not None:
            if dry_run or mend_entries:
                raise WrongUsage(
                    translate("By schedule it mends all but entries; leave the others out.")
                )
            target = find_temporal(data_dir, temporal_target)
            return run_async(_schedule(every, target, namespace))
        locations = _locate(data_dir, database_url, archive_url, temporal_target, namespace)
        report = run_async(_reconcile(locations, processes, mend=not dry_run, entries=mend_entries))
        return _reconcile_result(report, dry_run=dry_run)

    run_operator_command(work, as_json=as_json)


def _locate(
    data_dir: Path | None,
    database_url: str | None,
    archive_url: str | None,
    temporal_target: str | None,
    namespace: str,
) -> Locations:
    from store.archive import default_archive_url

    folder = data_folder(data_dir)
    own = default_archive_url(database_url) if database_url else folder.archive_url
    url = database_url or folder.database_url
    return Locations(url, archive_url or own, find_temporal(data_dir, temporal_target), namespace)


async def _rebuild(
    locations: Locations, into: str, processes: int | None, *, records: bool
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
            async with _inspector(locations) as (inspector, live), fresh_store(into) as store:
                if not live:
                    stderr().print(translate(UNREADABLE), markup=False)
                rebuilder = Rebuilder(inspector, store, live, pool)
                with progress_bar(translate("cases"), None) as update:
                    return await rebuilder.run(lambda _, done, __: update(done), records=records)
    except TargetNotEmpty as error:
        raise Refused(str(error)) from None
    except TargetUnwritable as error:
        raise CommandFailed(str(error)) from None
    except StoreFull:
        raise CommandFailed(
            translate(
                "The disk is full where the new database is written; nothing is left of "
                "it. Make room and try again."
            )
        ) from None


async def _reconcile(
    locations: Locations, processes: int | None, *, mend: bool, entries: bool
) -> "ReconcileReport":
    """Find what differs, and mend it.

    Raises:
        Unavailable: there is no store that answers.
    """
    from ops.rebuild.fold import fold_pool
    from ops.rebuild.reconcile import Reconciler

    with fold_pool(processes) as pool:
        async with _inspector(locations) as (inspector, live):
            if not live:
                raise Unavailable(
                    translate("The store cannot be read; `banjie store rebuild` makes a new one.")
                )
            with progress_bar(translate("cases"), None) as update:
                reconciler = Reconciler(inspector, mend, entries, pool)
                report = await reconciler.run(lambda _, done, __: update(done))
            await _note_mended(inspector, report, entries=entries)
            return report


async def _note_mended(inspector: "Inspector", report: "ReconcileReport", *, entries: bool) -> None:
    """Write down in the audit log who mended how much, if anything was mended."""
    from ops.rebuild.diff import Fate

    mended = sum(each.fate is Fate.MENDED for each in report.differences)
    if mended:
        details = {"differences": mended}
        what, subject = "store.reconciled", "entries" if entries else "rows"
        await inspector.store.audit_log.add(
            DEFAULT_TENANT, operator_actor(), what, subject, details=details
        )


@asynccontextmanager
async def _inspector(locations: Locations) -> "AsyncIterator[tuple[Inspector, bool]]":
    """Yield the inspector of the store, and whether the store can be read."""
    from ops.rebuild.inspect import Inspector
    from ops.rebuild.sources import Sources
    from ops.rebuild.target import readable_store
    from store import Store

    sources = Sources(
        await connect_temporal(locations.temporal_target, locations.namespace),
        locations.archive_url,
    )
    async with readable_store(locations.database_url) as store:
        if store is not None:
            yield Inspector(sources, store), True
            return
    yield Inspector(sources, await Store.open(locations.database_url)), False


async def _schedule(every: str, target: str, namespace: str) -> CommandResult:
    from ops.rebuild.reconcile import RECONCILE

    return await schedule_chore(
        RECONCILE,
        every,
        target,
        namespace,
        scheduled=translate("A worker reconciles the store every %(every)s.", every=every),
        ended=translate("Reconciling is no longer scheduled."),
        nothing=translate("Reconciling was not scheduled."),
    )


def _rebuild_result(report: "RebuildReport", into: str | None) -> CommandResult:
    """Return the result; exit code 10 if the live store differs."""
    document: dict[str, Any] = {
        "same": None if report.compared is None else not report.differences,
        "into": into,
        "cases": report.cases,
        "entries": report.entries,
        "seconds": round(report.seconds, 2),
        "cases_per_second": round(report.rate, 1),
        "compared": report.compared,
        "comparing_seconds": round(report.comparing_seconds, 2),
        "caught_up": report.caught_up,
        "changing": report.changing,
        "records": report.records,
        "differences": [difference.document() for difference in report.differences],
    }
    compared = (
        translate("there was nothing to compare it with")
        if report.compared is None
        else translate("the store has the same, in %(compared)s cases", compared=report.compared)
    )
    made = translate(
        "%(cases)s cases, %(entries)s entries made again",
        cases=report.cases,
        entries=report.entries,
    )
    summary = f"{made} in {report.seconds:.1f} s; {compared}."
    code = Exit.NOT_VERIFIED if report.differences else Exit.OK
    return CommandResult(document, _renderer(report.differences, summary, ""), code)


def _reconcile_result(report: "ReconcileReport", *, dry_run: bool) -> CommandResult:
    """Return the result; exit code 10 if anything stays as it was."""
    document: dict[str, Any] = {
        "reconciled": not report.stays,
        "dry_run": dry_run,
        "cases": report.cases,
        "seconds": round(report.seconds, 2),
        "changing": report.changing,
        "differences": [difference.document() for difference in report.differences],
    }
    summary = translate(
        "%(cases)s cases, and the store has of each what it should.", cases=report.cases
    )
    entries = any(d.table == "entries" and d.fate == "stays" for d in report.differences)
    code = Exit.NOT_VERIFIED if report.stays else Exit.OK
    return CommandResult(
        document, _renderer(report.differences, summary, translate(ADVICE) if entries else ""), code
    )


def _renderer(differences: "Sequence[Difference]", summary: str, advice: str) -> Renderer:
    rows = [
        (
            d.number,
            d.table,
            d.key,
            translate(d.sort.value),
            translate(d.fate.value),
            listed(d.fields) or d.detail,
        )
        for d in differences
    ]
    render_table = table(HEADERS, rows, summary)

    def render(console: Console) -> None:
        render_table(console)
        if advice:
            console.print(advice, markup=False, soft_wrap=True)

    return render
