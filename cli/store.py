"""`banjie store`: the read model made again from workflows and archive, or mended from them."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.archiving import ArchiveUrl, Every
from cli.clientfile import data_dir as chosen_dir
from cli.command import AsJson, DataDir, new_app
from cli.failures import WrongUsage
from cli.operating import DatabaseUrl, Namespace, TemporalTarget, carry_out, end, find_engine
from cli.output import Shown
from cli.replay import Processes
from cli.running.folder import Folder
from cli.stored import told_rebuilt, told_reconciled
from cli.storing import Where, rebuilt, reconciled, scheduled

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
    from store.archive import beside

    folder = Folder(chosen_dir(data_dir).absolute())
    own = beside(database_url) if database_url else folder.archive_url
    url = database_url or folder.database_url
    return Where(url, archive_url or own, find_engine(data_dir, target), namespace)
