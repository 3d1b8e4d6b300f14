"""Migrations: bring the tables up to date, from code alone, whoever else is at it too."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from store.db.engine import WRITES, build
from store.db.session import named

LOCK = 0x62616E6A6965
"""The advisory lock's number on PostgreSQL: "banjie"."""
PATIENCE = 60.0
ALEMBIC: Final = threading.Lock()
"""Alembic keeps what it is at in its modules, so two at once would write into each other's."""
BETWEEN: Final = 0.02


def upgrade(url: str, patience: float = PATIENCE) -> None:
    """Bring the database at this address up to date. Not to be called inside an event loop.

    Raises:
        WrongUrl, StoreDown
    """
    asyncio.run(_upgrade(url, patience))


async def upgrade_on(engine: AsyncEngine) -> None:
    """The same on an engine, in one transaction: all of it or nothing.

    Raises:
        StoreDown
    """
    async with _alone():
        with named():
            async with engine.execution_options(**{WRITES: True}).begin() as connection:
                await connection.run_sync(run_upgrade)


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """One at a time in this process, in whatever loop or thread, and for whichever database."""
    while not ALEMBIC.acquire(blocking=False):  # noqa: ASYNC110 — a loop in another thread has it
        await asyncio.sleep(BETWEEN)  # to block would stop the loop, if this one has it
    try:
        yield
    finally:
        ALEMBIC.release()


def run_upgrade(connection: Connection) -> None:
    """The same inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        # SQLite's BEGIN IMMEDIATE lets one in at a time already.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if not is_current(connection):
        command.upgrade(config(connection), "head")


def is_current(connection: Connection) -> bool:
    """Whether the tables are as this code knows them, or newer: they only ever grow."""
    known, newest = _revisions()
    revision = MigrationContext.configure(connection).get_current_revision()
    return revision is not None and (revision == newest or revision not in known)


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, made here so that no file needs to be found."""
    settings = Config()
    folder = str(resources.files("store.migrations"))
    settings.set_main_option("script_location", folder.replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    """All revisions that this code has, and the newest of them."""
    script = ScriptDirectory.from_config(config())
    known = frozenset(revision.revision for revision in script.walk_revisions())
    return known, script.get_current_head()


async def _upgrade(url: str, patience: float) -> None:
    engine = build(url, patience)
    try:
        await upgrade_on(engine)
    finally:
        await engine.dispose()
