"""What commands for operators share: where the store and the engine are, and how they end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from cli.clientfile import ClientFile
from cli.clientfile import data_dir as chosen_dir
from cli.command import finish
from cli.failures import CommandFailed, Exit, NotFound, Unavailable, WrongUsage
from cli.output import Shown
from cli.running.folder import Folder

if TYPE_CHECKING:
    from temporalio.client import Client

    from store import Store

T = TypeVar("T")

DatabaseUrl = Annotated[str | None, typer.Option(envvar="BANJIE_DATABASE_URL", help="The store.")]
TemporalTarget = Annotated[
    str | None, typer.Option(envvar="BANJIE_TEMPORAL_TARGET", help="The engine, HOST:PORT.")
]
Namespace = Annotated[str, typer.Option(envvar="BANJIE_TEMPORAL_NAMESPACE")]
Tenant = Annotated[str, typer.Option(help="Whose.")]


def end(work: Callable[[], Shown | None], *, as_json: bool) -> NoReturn:
    """Do it, show it, and leave as all must that used Temporal."""
    from workflows.leaving import leave

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
        raise WrongUsage(
            f"Nothing runs in {folder.path}. Name the folder with --data-dir, or --database-url."
        )
    return url or folder.database_url


def find_engine(data_dir: Path | None, target: str | None) -> str:
    """Where the engine is: as named, or as `banjie up` left it in its folder.

    Raises:
        WrongUsage: nothing runs there.
    """
    folder = Folder(chosen_dir(data_dir).absolute())
    file = ClientFile.read(folder.path)
    if target is None and file is None:
        raise WrongUsage(
            f"Nothing runs in {folder.path}. Name the folder with --data-dir, or --temporal-target."
        )
    return target or (file.temporal if file else "")


def carry_out(work: Coroutine[None, None, T]) -> T:
    """Run it.

    Raises:
        Unavailable, NotFound, CommandFailed: what the store or the engine said, as a sentence.
    """
    from temporalio.service import RPCError, RPCStatusCode

    from store.errors import StoreError, Unreadable

    try:
        return asyncio.run(work)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound("The engine knows no such case that still runs.") from None
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            raise CommandFailed("This engine cannot do that; it tries again by itself.") from None
        raise Unavailable(f"The engine does not answer: {error.status.name}.") from None
    except Unreadable as error:
        raise CommandFailed(str(error)) from None
    except (ConnectionError, StoreError) as error:
        raise Unavailable(str(error)) from None


@asynccontextmanager
async def opened(url: str) -> "AsyncIterator[Store]":
    """The store, for as long as it is needed."""
    from store import Store

    store = await Store.open(url)
    try:
        yield store
    finally:
        await store.close()


async def engine(target: str, namespace: str) -> "Client":
    """The engine."""
    from pydantic import ValidationError

    from workflows.connect import connect
    from workflows.security import Security, explained

    try:
        security = Security()
    except ValidationError as error:
        raise WrongUsage(f"{explained(error)}.") from None
    return await connect(target, namespace, security=security)
