"""What operators' commands share: where store, engine and archive are, and how they end."""

import asyncio
import getpass
import os
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from cli.core.client_file import ClientFile, data_dir_or_default, not_started
from cli.core.command import run_command
from cli.core.data_folder import DataFolder
from cli.core.exits import CommandFailed, Exit, NotFound, NotVerified, Unavailable, WrongUsage
from cli.core.faults import wrong_settings
from cli.core.i18n import translate
from cli.core.output import CommandResult, sentence, stderr

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.service import RPCError

    from domain.language.roles import Actor
    from store import Store
    from store.archive import Archive

T = TypeVar("T")
DEFAULT_TENANT = "default"

DatabaseUrl = Annotated[str | None, typer.Option(envvar="BANJIE_DATABASE_URL", help="The store.")]
TemporalTarget = Annotated[
    str | None, typer.Option(envvar="BANJIE_TEMPORAL_TARGET", help="The engine, HOST:PORT.")
]
Namespace = Annotated[str, typer.Option(envvar="BANJIE_TEMPORAL_NAMESPACE")]
ArchiveUrl = Annotated[
    str | None, typer.Option(envvar="BANJIE_ARCHIVE_URL", help="file:///… or s3://….")
]
Tenant = Annotated[str, typer.Option(help="Whose.")]
Every = Annotated[
    str | None,
    typer.Option(help="Have workers do it so often: 24h, 30m, 7d; never ends that."),
]
ProcessCount = Annotated[
    int | None, typer.Option(min=1, help="How many processes. [one for each processor]")
]


def run_operator_command(work: Callable[[], CommandResult | None], *, as_json: bool) -> NoReturn:
    """Run a command as `run_command` does, then leave as every process must that used Temporal."""
    from temporal.process_exit import leave

    try:
        run_command(work, as_json=as_json)
    except typer.Exit as done:
        leave(done.exit_code)
    leave(Exit.OK)


def find_database_url(data_dir: Path | None, url: str | None) -> str:
    """Return where the store is: as named, or in the folder of `banjie up`.

    Raises:
        WrongUsage: no system was ever run in the folder.
    """
    folder = data_folder(data_dir)
    if url is None and ClientFile.read(folder.path) is None:
        raise WrongUsage(
            translate(
                "Nothing runs in %(folder)s. Name the folder with --data-dir, or %(option)s.",
                folder=folder.path,
                option="--database-url",
            )
        )
    return url or folder.database_url


def find_temporal(data_dir: Path | None, target: str | None) -> str:
    """Return where the engine is: as named, or as `banjie up` left it in its folder.

    Raises:
        WrongUsage: nothing runs there.
    """
    if target:
        return target
    folder = data_folder(data_dir)
    file = ClientFile.read(folder.path)
    if file is None:
        raise WrongUsage(
            translate(
                "Nothing runs in %(folder)s. Name the folder with --data-dir, or %(option)s.",
                folder=folder.path,
                option="--temporal-target",
            )
        )
    if not file.temporal:
        raise WrongUsage(not_started(folder.path))
    return file.temporal


def find_both(data_dir: Path | None, url: str | None, target: str | None) -> tuple[str, str]:
    """Return where store and engine are: as named, or as `banjie up` left them in its folder.

    Raises:
        WrongUsage: nothing runs there.
    """
    folder = data_folder(data_dir)
    file = ClientFile.read(folder.path)
    if file is None and (url is None or target is None):
        both = "--database-url, --temporal-target"
        raise WrongUsage(
            translate(
                "Nothing runs in %(folder)s. Name the folder with --data-dir, or %(option)s.",
                folder=folder.path,
                option=both,
            )
        )
    return url or folder.database_url, find_temporal(data_dir, target)


def find_archive(
    data_dir: Path | None, archive_url: str | None, database_url: str | None
) -> "Archive":
    """Return the archive: as named, or beside the database that is named, or in the data folder.

    Raises:
        WrongUsage: the address is none.
    """
    from store.archive import Archive, default_archive_url
    from store.errors import WrongUrl

    own = data_folder(data_dir).archive_url
    try:
        return Archive(archive_url or (default_archive_url(database_url) if database_url else own))
    except WrongUrl as error:
        raise WrongUsage(str(error)) from None


def data_folder(data_dir: Path | None) -> DataFolder:
    """Return the data folder that is named, or the default one."""
    return DataFolder(data_dir_or_default(data_dir).absolute())


def run_async(work: Coroutine[None, None, T]) -> T:
    """Run a coroutine to its end.

    Raises:
        WrongUsage, NotFound, Unavailable, CommandFailed: a failure of the store or the engine, as
            a sentence.
    """
    from temporalio.service import RPCError

    from runtime.settings import WrongSetting
    from store.errors import CorruptRow, StoreDamaged, StoreError, StoreFull

    try:
        return asyncio.run(work)
    except RPCError as error:
        raise _temporal_failure(error) from None
    except WrongSetting as error:
        raise WrongUsage(str(error)) from None
    except (StoreDamaged, StoreFull, CorruptRow) as error:
        raise CommandFailed(str(error)) from None
    except (ConnectionError, StoreError) as error:
        raise Unavailable(str(error)) from None


@asynccontextmanager
async def open_store(url: str, tenant: str = DEFAULT_TENANT) -> "AsyncIterator[Store]":
    """Yield the store, and close it afterwards; a file of an older release is brought up to date.

    Raises:
        Unavailable: SQLite's file is not there, and it is not made; or it is of other code.
        WrongUsage: nothing was ever done for this tenant.
    """
    from ops.doctor.database import file_of
    from store import Store

    file = file_of(url)
    if file is not None and not file.exists():
        raise Unavailable(
            translate(
                "There is no database at %(file)s; say where: --data-dir, --database-url.",
                file=file,
            )
        )
    store = await Store.open(url)
    try:
        if not await store.migrated() and not await _migrate_file(store, file):
            raise Unavailable(
                translate(
                    "The database's tables are older than this code: start `banjie up` "
                    "anew, or run "
                    "`python -m store.migrations`."
                )
            )
        if tenant != DEFAULT_TENANT:
            await _refuse_unknown_tenant(store, tenant)
        yield store
    finally:
        await store.close()


@contextmanager
def remove_if_half_made(database_url: str) -> Iterator[None]:
    """Remove SQLite's file if it was made but not its tables: it is made when it is first used."""
    from ops.doctor.database import file_of
    from store.errors import StoreError

    file = file_of(database_url)
    new = file is not None and not file.exists()
    try:
        yield
    except StoreError:
        if file is not None and new:
            for suffix in ("", "-wal", "-shm"):
                file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
        raise


async def _migrate_file(store: "Store", file: Path | None) -> bool:
    """Bring a file of an older release up to date, as `up` does; return whether it was one.

    Whoever operates a shared database says when.
    """
    if file is None or not await store.has_tables():
        return False
    await store.migrate()
    return True


async def connect_temporal(target: str, namespace: str) -> "Client":
    """Connect to the engine.

    Raises:
        WrongUsage: the address, or a setting of TLS, is none.
        ConnectionError: it does not answer.
    """
    from pydantic import ValidationError

    from temporal.connection import connect
    from temporal.connection_settings import ConnectionSettings

    try:
        settings = ConnectionSettings()
    except ValidationError as error:
        raise WrongUsage(wrong_settings(error)) from None
    if not re.fullmatch(r".+:[0-9]{1,5}", target):
        raise WrongUsage(
            translate(
                "%(target)s is no address of Temporal: write HOST:PORT.", target=f"{target!r}"
            )
        )
    with notice_if_slow(translate("Temporal at %(target)s", target=target)):
        return await connect(target, namespace, settings=settings, connect_timeout=_CONNECT_TIMEOUT)


async def schedule_chore(
    chore: str, every: str, target: str, namespace: str, *, scheduled: str, ended: str, nothing: str
) -> CommandResult:
    """Have workers do a chore so often, or never again.

    Args:
        chore: its name among the schedules.
        every: `24h`, `30m`, `7d` or `never`.
        target: the engine's address.
        namespace: of the engine.
        scheduled: the sentence when it is scheduled.
        ended: the sentence when it no longer is.
        nothing: the sentence when it was not.

    Raises:
        WrongUsage: `every` is no interval.
    """
    from temporal.schedules import schedule, unschedule

    interval = parse_interval(every)
    client = await connect_temporal(target, namespace)
    if interval is None:
        was = await unschedule(client, chore)
        document = {"every": None, "was_scheduled": was}
        return CommandResult(document, sentence(ended if was else nothing))
    await schedule(client, chore, interval)
    seconds = int(interval.total_seconds())
    return CommandResult({"every": seconds}, sentence(scheduled))


def parse_interval(text: str) -> timedelta | None:
    """Return the interval of `--every`; None is never.

    Raises:
        WrongUsage: it is no time, or too short a one.
    """
    if text == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text)
    if not match:
        raise WrongUsage(
            translate("--every takes 24h, 30m, 7d or never, not %(text)s.", text=f"{text!r}")
        )
    return int(match[1]) * _UNITS[match[2]]


async def refuse_unarchived_tenant(archive: "Archive", tenant: str) -> None:
    """Refuse a tenant of whom nothing is archived: an empty answer would pass for good news.

    Raises:
        WrongUsage
    """
    if tenant != DEFAULT_TENANT and tenant not in (known := await archive.tenants()):
        names = sorted({*known, DEFAULT_TENANT})
        raise WrongUsage(
            translate(
                "There is no tenant %(tenant)s in the archive; there are: %(names)s.",
                tenant=tenant,
                names=names,
            )
        )


@contextmanager
def report_damage() -> Iterator[None]:
    """Tell a damaged database as something that is not as it was recorded.

    Raises:
        NotVerified
    """
    from store.errors import StoreDamaged

    try:
        yield
    except StoreDamaged as error:
        raise NotVerified(str(error)) from None


@contextmanager
def notice_if_slow(what: str) -> Iterator[None]:
    """Say what is waited for, if it takes so long that a person wonders."""
    notice = translate("Waiting for %(what)s …", what=what)
    timer = asyncio.get_running_loop().call_later(
        _SLOW, lambda: stderr().print(notice, markup=False)
    )
    try:
        yield
    finally:
        timer.cancel()


def operator_actor() -> "Actor":
    """Return who runs the command, as the audit log names them; in a container maybe by number."""
    from domain.language.roles import Actor, ActorKind

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(kind=ActorKind.SYSTEM, id=f"account:{name}")


_CONNECT_TIMEOUT = timedelta(seconds=5)
"""A person waits; who starts the engine and the command together tries again."""
_SLOW = 1.5
"""Seconds after which a person wonders."""
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _temporal_failure(error: "RPCError") -> CommandFailed:
    from temporalio.service import RPCStatusCode

    from ops.failures import engine_failure

    sentence = translate(engine_failure(error))
    if error.status is RPCStatusCode.NOT_FOUND:
        return NotFound(sentence)
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return CommandFailed(sentence)
    return Unavailable(sentence)


async def _refuse_unknown_tenant(store: "Store", tenant: str) -> None:
    """Refuse a mistyped tenant: an empty answer about it would pass for good news."""
    known = {*await store.audit_sealer.tenants(), *await store.audit_sealer.sealed_tenants()}
    if tenant not in known:
        names = sorted({*known, DEFAULT_TENANT})
        raise WrongUsage(
            translate(
                "There is no tenant %(tenant)s; there are: %(names)s.", tenant=tenant, names=names
            )
        )
