"""`banjie archive`: archive what was missed, verify what is archived, list it."""

import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

import typer

from cli.archive.render import (
    read_listing,
    render_listing,
    render_sweep,
    render_verification,
)
from cli.core.client_file import ClientFile
from cli.core.command import AsJson, DataDir, noun_app, run_command
from cli.core.exits import NotFound, NotVerified, WrongUsage
from cli.core.i18n import translate
from cli.core.operator import (
    ArchiveUrl,
    DatabaseUrl,
    Every,
    Namespace,
    TemporalTarget,
    Tenant,
    connect_temporal,
    data_folder,
    find_archive,
    find_database_url,
    find_temporal,
    open_store,
    refuse_unarchived_tenant,
    report_damage,
    run_async,
    run_operator_command,
    schedule_chore,
)
from cli.core.output import CommandResult
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from ops.archive.sweep import SweepReport
    from ops.archive.verify import VerifyReport
    from store.archive import Archive

app = noun_app("The archive of finished runs: sweep, verify, list.")


@app.callback()
def root() -> None:
    """The archive of finished runs: sweep, verify, list."""


@app.command("sweep")
def sweep(
    every: Every = None,
    archive_url: ArchiveUrl = None,
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Archive what ended and is not archived with its end; list what is final. Safe at any time."""

    def work() -> CommandResult:
        target = find_temporal(data_dir, temporal_target)
        if every is not None:
            return run_async(_schedule(every, target, namespace))
        url = find_database_url(data_dir, database_url)
        archive = find_archive(data_dir, archive_url, database_url)
        return render_sweep(run_async(_sweep(archive, url, target, namespace)))

    run_operator_command(work, as_json=as_json)


@app.command("verify")
def verify(
    against_store: Annotated[
        bool,
        typer.Option("--against-store", help="Also against the store's entries and audit log."),
    ] = False,
    head: Annotated[
        str, typer.Option(help="A SHA-256 of the list that you kept; it must be in it still.")
    ] = "",
    tenant: Tenant = "default",
    archive_url: ArchiveUrl = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify every file and the list of them; exit code 10 if anything is not as it was."""

    def work() -> CommandResult:
        _refuse_no_hash(head)
        _refuse_missing_archive(data_dir, archive_url, database_url)
        archive = find_archive(data_dir, archive_url, database_url)
        url = find_database_url(data_dir, database_url) if against_store else None
        return render_verification(run_async(_verify(archive, tenant, url, head)))

    run_operator_command(work, as_json=as_json)


@app.command("list")
def list_files(
    number: Annotated[str | None, typer.Argument(help="Only the runs of this case.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    tenant: Tenant = "default",
    archive_url: ArchiveUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List what is archived, by the archive's own list; no file is read, so none is verified."""

    def work() -> CommandResult:
        _refuse_missing_archive(data_dir, archive_url, None)
        archive = find_archive(data_dir, archive_url, None)
        return render_listing(run_async(read_listing(archive, tenant, number)), number, limit)

    run_command(work, as_json=as_json)


async def _schedule(every: str, target: str, namespace: str) -> CommandResult:
    return await schedule_chore(
        "sweep",
        every,
        target,
        namespace,
        scheduled=translate("A worker sweeps the archive every %(every)s.", every=every),
        ended=translate("The sweep is no longer scheduled."),
        nothing=translate("The sweep was not scheduled."),
    )


async def _sweep(archive: "Archive", url: str, target: str, namespace: str) -> "SweepReport":
    from ops.archive.sweep import Sweeper
    from store.archive import ArchiveDamaged
    from worker.settings import BUILD_ID

    client = await connect_temporal(target, namespace)
    async with open_store(url) as store:
        with progress_bar(translate("ended runs"), None) as update:
            try:
                return await Sweeper(client, archive, store, BUILD_ID).sweep(update)
            except ArchiveDamaged as error:
                raise NotVerified(str(error)) from None


async def _verify(archive: "Archive", tenant: str, url: str | None, head: str) -> "VerifyReport":
    from ops.archive.verify import ArchiveVerifier
    from temporal.converter import data_converter

    await refuse_unarchived_tenant(archive, tenant)
    async with AsyncExitStack() as stack:
        stack.enter_context(report_damage())
        store = await stack.enter_async_context(open_store(url, tenant)) if url else None
        with progress_bar(translate("files"), None) as update:
            verifier = ArchiveVerifier(archive, data_converter(), tenant, store)
            return await verifier.verify(head, lambda done, _all: update(done))


def _refuse_no_hash(head: str) -> None:
    """Refuse a mistyped hash, which would be reported as a list that was cut.

    Raises:
        WrongUsage
    """
    if head and not re.fullmatch("[0-9a-f]{64}", head):
        raise WrongUsage(
            translate(
                "--head takes a SHA-256, 64 digits 0-9 and a-f, not %(head)s.", head=f"{head!r}"
            )
        )


def _refuse_missing_archive(
    data_dir: Path | None, url: str | None, database_url: str | None
) -> None:
    """Refuse a place where nothing was ever archived: an empty answer would pass for good news.

    Raises:
        NotFound: a folder that is named and is not there.
        WrongUsage: nothing is named, and no system was ever run in the data folder.
    """
    folder = data_folder(data_dir)
    if not (url or database_url) and ClientFile.read(folder.path) is None:
        raise WrongUsage(
            translate(
                "Nothing runs in %(folder)s. Name the folder with --data-dir, or %(option)s.",
                folder=folder.path,
                option="--archive-url",
            )
        )
    if url and url.startswith("file://") and not Path(unquote(urlsplit(url).path)).is_dir():
        raise NotFound(translate("There is no archive at %(url)s.", url=url))
