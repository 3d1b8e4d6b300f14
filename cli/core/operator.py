"""What commands for operators share: where the store and the engine are, and how they end."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from cli.core.client_file import ClientFile, not_started
from cli.core.client_file import data_dir as chosen_dir
from cli.core.command import finish
from cli.core.exits import CommandFailed, Exit, NotFound, Unavailable, WrongUsage
from cli.core.i18n import say
from cli.core.output import Shown, stderr
from cli.up.data_folder import Folder

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.service import RPCError

    from store import Store
import getpass
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.language.roles import Actor


T = TypeVar("T")
DEFAULT_TENANT = "default"
MIGRATE = "start `banjie up` anew, or run `python -m store.migrations`."
NAMESPACE = "Namespace "
"""So begins what Temporal says of a namespace that is not there."""
PATIENCE = timedelta(seconds=5)
"""A person waits; who starts the engine and the command together tries again."""

WONDERS = 1.5
"""Seconds."""

DatabaseUrl = Annotated[str | None, typer.Option(envvar="BANJIE_DATABASE_URL", help="The store.")]
TemporalTarget = Annotated[
    str | None, typer.Option(envvar="BANJIE_TEMPORAL_TARGET", help="The engine, HOST:PORT.")
]
Namespace = Annotated[str, typer.Option(envvar="BANJIE_TEMPORAL_NAMESPACE")]
Tenant = Annotated[str, typer.Option(help="Whose.")]


def end(work: Callable[[], Shown | None], *, as_json: bool) -> NoReturn:
    """Do it, show it, and leave as all must that used Temporal."""
    from temporal.process_exit import leave

    try:
        finish(work, as_json=as_json)
    except typer.Exit as done:
        leave(done.exit_code)
    leave(Exit.OK)


def find_store(data_dir: Path | None, url: str | None) -> str:
    """Where the store is: as named, or in the folder of `banjie up`.

    Raises:
        WrongUsage: nothing was ever kept there.
    """
    folder = Folder(chosen_dir(data_dir).absolute())
    if url is None and ClientFile.read(folder.path) is None:
        raise WrongUsage(say("error.nothing_runs", folder=folder.path, option="--database-url"))
    return url or folder.database_url


def find_engine(data_dir: Path | None, target: str | None) -> str:
    """Where the engine is: as named, or as `banjie up` left it in its folder.

    Raises:
        WrongUsage: nothing runs there.
    """
    folder = Folder(chosen_dir(data_dir).absolute())
    if target:
        return target
    file = ClientFile.read(folder.path)
    if file is None:
        raise WrongUsage(say("error.nothing_runs", folder=folder.path, option="--temporal-target"))
    if not file.temporal:
        raise WrongUsage(not_started(folder.path))
    return file.temporal


def carry_out(work: Coroutine[None, None, T]) -> T:
    """Run it.

    Raises:
        WrongUsage, NotFound, Unavailable, CommandFailed: what the store or the engine said, as a
            sentence.
    """
    from temporalio.service import RPCError

    from store.errors import CorruptRow, StoreDamaged, StoreError, StoreFull, WrongUrl

    try:
        return asyncio.run(work)
    except RPCError as error:
        raise _of_engine(error) from None
    except WrongUrl as error:
        raise WrongUsage(str(error)) from None
    except (StoreDamaged, StoreFull, CorruptRow) as error:
        raise CommandFailed(str(error)) from None
    except (ConnectionError, StoreError) as error:
        raise Unavailable(str(error)) from None


def _of_engine(error: "RPCError") -> CommandFailed:
    from temporalio.service import RPCStatusCode

    if error.status is RPCStatusCode.NOT_FOUND:
        if error.message.startswith(NAMESPACE):
            return NotFound(f"The engine says: {error.message}")
        return NotFound("The engine knows no such case that still runs.")
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        return CommandFailed("This engine cannot do that; it tries again by itself.")
    return Unavailable(f"The engine does not answer: {error.status.name}.")


@asynccontextmanager
async def opened(url: str, tenant: str = DEFAULT_TENANT) -> "AsyncIterator[Store]":
    """The store, for as long as it is needed.

    Raises:
        Unavailable: SQLite's file is not there, and it is not made; or it is of other code.
        WrongUsage: nothing was ever done for this tenant.
    """
    from ops.doctor.database import file_of
    from store import Store

    file = file_of(url)
    if file is not None and not file.exists():
        raise Unavailable(f"There is no database at {file}; say where: --data-dir, --database-url.")
    store = await Store.open(url)
    try:
        if not await store.migrated():
            raise Unavailable("The database's tables are older than this code: " + MIGRATE)
        if tenant != DEFAULT_TENANT:
            await _refuse_unknown(store, tenant)
        yield store
    finally:
        await store.close()


async def _refuse_unknown(store: "Store", tenant: str) -> None:
    """An empty answer about a name that was mistyped would be taken for good news."""
    known = {*await store.audit_sealer.tenants(), *await store.audit_sealer.sealed_tenants()}
    if tenant not in known:
        there = ", ".join(sorted({*known, DEFAULT_TENANT}))
        raise WrongUsage(f"There is no tenant {tenant}; there are: {there}.")


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is waited for, if it takes so long that a person wonders."""
    said = f"Waiting for {what} …"
    told = asyncio.get_running_loop().call_later(
        WONDERS, lambda: stderr().print(said, markup=False)
    )
    try:
        yield
    finally:
        told.cancel()


async def engine(target: str, namespace: str) -> "Client":
    """The engine.

    Raises:
        WrongUsage: the address, or a setting of TLS, is none.
        ConnectionError: it does not answer.
    """
    from pydantic import ValidationError

    from temporal.connection import connect
    from temporal.connection_settings import ConnectionSettings, explain

    try:
        settings = ConnectionSettings()
    except ValidationError as error:
        raise WrongUsage(f"{explain(error)}.") from None
    if not re.fullmatch(r".+:[0-9]{1,5}", target):
        raise WrongUsage(f"{target!r} is no address of Temporal: write HOST:PORT.")
    with waiting(f"Temporal at {target}"):
        return await connect(target, namespace, settings=settings, connect_timeout=PATIENCE)


def account() -> "Actor":
    """As the ledger names them; in a container that may be a number alone."""
    from domain.language.roles import Actor, ActorKind

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(kind=ActorKind.SYSTEM, id=f"account:{name}")
