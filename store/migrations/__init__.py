"""Migrations: bring the tables up to date; safe in several processes at once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from importlib import resources
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.message import Message
from store.db.engine import WRITES, build_engine
from store.db.session import first_line, store_errors
from store.errors import DATABASE_URL, MigrationFailed, StoreError

LOCK = 0x62616E6A6965
"""The advisory lock's number on PostgreSQL: "banjie"."""
PATIENCE = 60.0
ALEMBIC_LOCK: Final = threading.Lock()
"""Alembic keeps its state in its modules, so that two migrations at once would mix theirs."""
POLL_INTERVAL: Final = 0.02


def upgrade(url: str, patience: float = PATIENCE) -> None:
    """Bring the database at this address up to date. Not to be called inside an event loop.

    Raises:
        WrongUrl, StoreDown, MigrationFailed
    """
    asyncio.run(upgrade_at(url, patience))


async def upgrade_at(url: str, patience: float = PATIENCE) -> None:
    """Bring the database at this address up to date.

    Raises:
        WrongUrl, StoreDown, MigrationFailed
    """
    engine = build_engine(url, patience)
    try:
        await upgrade_on(engine)
    finally:
        await engine.dispose()


async def upgrade_on(engine: AsyncEngine) -> None:
    """Bring the tables up to date on an engine, in one transaction: all or nothing.

    Raises:
        StoreDown: the database does not answer, or refuses us.
        MigrationFailed: it answers, and something else is in the way.
    """
    async with _one_at_a_time():
        with _migration_errors(), store_errors():
            async with engine.execution_options(**{WRITES: True}).begin() as connection:
                await connection.run_sync(run_upgrade)


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    """Let in one caller at a time in this process, across event loops, threads and databases."""
    while not ALEMBIC_LOCK.acquire(blocking=False):  # noqa: ASYNC110 — another thread's loop may hold it
        await asyncio.sleep(POLL_INTERVAL)  # blocking would stop this loop, which may hold it
    try:
        yield
    finally:
        ALEMBIC_LOCK.release()


@contextmanager
def _migration_errors() -> Iterator[None]:
    """Raise `MigrationFailed` in place of what is not the store's own error.

    Raises:
        MigrationFailed
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise MigrationFailed(
            Message(
                "the tables cannot be brought up to date (%(cause)s); nothing was changed.",
                cause=first_line(cause),
            ),
            DATABASE_URL,
        ) from error


def run_upgrade(connection: Connection) -> None:
    """Bring the tables up to date inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        # SQLite's BEGIN IMMEDIATE already lets in one at a time.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not is_current(connection):
        command.upgrade(config(connection), "head")


def is_current(connection: Connection) -> bool:
    """Whether the tables are as this code knows them, or newer: migrations only ever add."""
    revisions, newest = _revisions()
    revision = MigrationContext.configure(connection).get_current_revision()
    return revision is not None and (revision == newest or revision not in revisions)


def is_ours(connection: Connection) -> bool:
    """Whether the tables were made by a release of this code."""
    return MigrationContext.configure(connection).get_current_revision() is not None


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings, so that no file is needed."""
    settings = Config()
    folder = str(resources.files("store.migrations"))
    settings.set_main_option("script_location", folder.replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    """Return all revisions that this code has, and the newest of them."""
    script = ScriptDirectory.from_config(config())
    revisions = frozenset(revision.revision for revision in script.walk_revisions())
    return revisions, script.get_current_head()
