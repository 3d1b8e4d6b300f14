"""`banjie archive`: what is kept of finished runs: swept for what was missed, verified, listed."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.archive.render import (
    ArchiveUrl,
    Every,
    find_archive,
    interval,
    listed,
    refuse_no_hash,
    refuse_nowhere,
    refuse_unknown,
    shown,
    told_of_sweep,
    told_of_verify,
)
from cli.audit.options import NotVerified, damage_told
from cli.core.command import AsJson, DataDir, finish, new_app
from cli.core.operator import (
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    Tenant,
    carry_out,
    end,
    engine,
    find_engine,
    find_store,
    opened,
)
from cli.core.output import Shown, sentence
from cli.core.progress import advancing

if TYPE_CHECKING:
    from ops.archive.sweep import SweepReport
    from ops.archive.verify import VerifyReport


app = new_app("The archive of finished runs: sweep, verify, list.")


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

    def work() -> Shown:
        target = find_engine(data_dir, temporal_target)
        if every is not None:
            return carry_out(_scheduled(target, namespace, every))
        url = find_store(data_dir, database_url)
        archive = find_archive(data_dir, archive_url, database_url)

        async def run() -> "SweepReport":
            from ops.archive.sweep import Sweeper
            from store.archive import ArchiveDamaged
            from worker.settings import BUILD_ID

            client = await engine(target, namespace)
            async with opened(url) as store:
                with advancing("ended runs", None) as step:
                    try:
                        return await Sweeper(client, archive, store, BUILD_ID).sweep(step)
                    except ArchiveDamaged as error:
                        raise NotVerified(str(error)) from None

        return told_of_sweep(carry_out(run()))

    end(work, as_json=as_json)


@app.command("verify")
def verify(
    against_store: Annotated[
        bool, typer.Option("--against-store", help="Also against the store's entries and ledger.")
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

    def work() -> Shown:
        refuse_no_hash(head)
        refuse_nowhere(data_dir, archive_url, database_url)
        archive = find_archive(data_dir, archive_url, database_url)
        url = find_store(data_dir, database_url) if against_store else None

        async def run() -> "VerifyReport":
            from contextlib import AsyncExitStack

            from ops.archive.verify import ArchiveVerifier
            from temporal.converter import data_converter

            await refuse_unknown(archive, tenant)
            async with AsyncExitStack() as stack:
                stack.enter_context(damage_told())
                store = await stack.enter_async_context(opened(url, tenant)) if url else None
                with advancing("files", None) as step:
                    verifier = ArchiveVerifier(archive, data_converter(), tenant, store)
                    return await verifier.verify(head, lambda done, _all: step(done))

        return told_of_verify(carry_out(run()))

    end(work, as_json=as_json)


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

    def work() -> Shown:
        refuse_nowhere(data_dir, archive_url, None)
        archive = find_archive(data_dir, archive_url, None)
        return shown(carry_out(listed(archive, tenant, number)), number, limit)

    finish(work, as_json=as_json)


async def _scheduled(target: str, namespace: str, every: str) -> Shown:
    from temporal.schedules import schedule, unschedule

    often = interval(every)
    client = await engine(target, namespace)
    if often is None:
        was = await unschedule(client, "sweep")
        told = "The sweep is no longer scheduled." if was else "The sweep was not scheduled."
        return Shown({"every": None, "was_scheduled": was}, sentence(told))
    await schedule(client, "sweep", often)
    seconds = int(often.total_seconds())
    return Shown({"every": seconds}, sentence(f"A worker sweeps the archive every {every}."))
