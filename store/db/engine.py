"""The database engine, set up so that SQLite and PostgreSQL behave alike."""

import sqlite3
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, ExceptionContext, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import in_greenlet

from store.errors import WrongUrl

VERIFYING = {"verify-ca": False, "verify-full": True}
"""Modes that check the server's certificate, and whether its name is checked, too."""


def secured(url: URL) -> tuple[URL, dict[str, Any]]:
    """The address for the driver, and how it is to verify the server.

    The certificates to trust are those in `sslrootcert`, else the machine's. The driver itself
    would look for them in the user's home, and knows no such word in an address of ours.

    Raises:
        WrongUrl: the file cannot be read, or nothing says that it is to be used.
    """
    mode, root = url.query.get("ssl"), url.query.get("sslrootcert")
    if mode not in VERIFYING:
        if root is not None:
            raise WrongUrl("In the database's address, sslrootcert needs ssl=verify-full.")
        return url, {}
    try:
        context = ssl.create_default_context(cafile=str(root) if root else None)
    except OSError:
        raise WrongUrl("The file that sslrootcert names holds no certificates.") from None
    context.check_hostname = VERIFYING[str(mode)]
    return url.difference_update_query(["ssl", "sslrootcert"]), {"ssl": context}


WRITES = "banjie_writes"
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
TEXT = partial(str, encoding="utf-8", errors="backslashreplace")
LIKE = (
    "sqlite+aiosqlite:////var/lib/banjie/banjie.db or postgresql+asyncpg://user:password@host/name"
)
READERS, MORE = 5, 5
READ_ONLY = "25006"

# FULL: what is committed survives a power cut, since customers and keys have no other home.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def build(url: str, patience: float) -> AsyncEngine:
    """An engine for this address; nothing is connected yet.

    Args:
        url: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/database`.
        patience: seconds to wait for a connection, a lock or a statement before giving up.

    Raises:
        WrongUrl: another driver, an address that cannot be read, SQLite without a file, or
            certificates that are not there.
    """
    parsed = _parse(url)
    # Hidden: an error's text is logged, and what was written may be personal.
    shared: dict[str, Any] = {"hide_parameters": True, "pool_timeout": patience}
    shared |= {"pool_size": READERS, "max_overflow": MORE}
    if parsed.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(parsed, connect_args=_sqlite(patience), **shared)
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "do_connect", _try)
        event.listen(engine.sync_engine, "begin", _begin)
        event.listen(engine.sync_engine, "invalidate", _roll_back)
        return engine
    parsed, tls = secured(parsed)
    settings = _postgresql(patience) | tls
    engine = create_async_engine(parsed, connect_args=settings, pool_pre_ping=True, **shared)
    event.listen(engine.sync_engine, "handle_error", _give_up)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongUrl(f"The database's address cannot be read; it looks like {LIKE}.") from None
    if parsed.drivername not in DRIVERS:
        raise WrongUrl(
            f"The store speaks {' and '.join(DRIVERS)}, not {parsed.drivername}; "
            f"an address looks like {LIKE}."
        )
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in {None, "", ":memory:"}:
        raise WrongUrl("SQLite needs a file: each connection has a memory of its own.")
    return parsed


def _sqlite(patience: float) -> dict[str, Any]:
    # No isolation level: the driver leaves BEGIN to us.
    return {"timeout": patience, "isolation_level": None}


def _postgresql(patience: float) -> dict[str, Any]:
    return {
        "timeout": patience,
        "command_timeout": patience,
        "server_settings": {"application_name": "banjie"},
    }


def _give_up(context: ExceptionContext) -> None:
    # A server that has become read-only (a standby now, or a full disk) keeps its connections so
    # until they are made anew; a ping does not notice.
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _try(_dialect: Any, _entry: ConnectionPoolEntry, where: Sequence[str], _how: Any) -> None:
    # A file that cannot be opened leaves aiosqlite with a thread that outlives its loop, and says
    # so on stderr long after the error was handled. The plain driver just raises.
    sqlite3.connect(where[0]).close()


def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # Bytes that are no text would fail the whole statement, as if the database were down.
    connection.driver_connection.text_factory = TEXT
    cursor = connection.cursor()
    try:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        # The pool has not taken it over yet, so nobody else would.
        connection.close()
        raise


def _roll_back(connection: Any, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
    # A task that is cancelled gives up a connection while its thread is still at a statement.
    # Closing that one keeps its transaction, and the lock, until a forgotten cursor is collected.
    if in_greenlet():
        with suppress(sqlite3.Error):
            connection.rollback()


def _begin(connection: Connection) -> None:
    # A deferred BEGIN that reads first and writes later fails at once when another writer was
    # quicker, whatever the busy timeout; IMMEDIATE waits its turn.
    mode = "IMMEDIATE" if connection.get_execution_options().get(WRITES) else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
