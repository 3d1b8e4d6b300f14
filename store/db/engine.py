"""The database engine, set up so that SQLite and PostgreSQL behave alike."""

import os
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

from runtime.message import Message
from store.errors import DATABASE_URL, WrongUrl

VERIFYING_MODES = {"verify-ca": False, "verify-full": True}
"""The `ssl` modes that verify the server's certificate, and whether they verify its name too."""

SSL_MODES = ("disable", "allow", "prefer", "require", *VERIFYING_MODES)
OPTIONS = {
    "sqlite+aiosqlite": frozenset({"mode", "cache", "uri", "vfs", "immutable", "nolock"}),
    "postgresql+asyncpg": frozenset({"host", "port", "ssl", "sslrootcert", "target_session_attrs"}),
}
"""What may stand behind the question mark of an address, for each driver."""

WRITES = "banjie_writes"
"""The execution option of a connection that will write."""
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
DECODE = partial(str, encoding="utf-8", errors="backslashreplace")
EXAMPLES = Message(
    "%(file)s or %(server)s",
    file="sqlite+aiosqlite:////var/lib/banjie/banjie.db",
    server="postgresql+asyncpg://user:password@host/name",
)
POOL_SIZE, MAX_OVERFLOW = 5, 5
READ_ONLY = "25006"
"""PostgreSQL's code for a write on a server that is read-only."""

# synchronous=FULL: commits survive a power cut, since customers and keys are stored only here.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def build_engine(url: str, patience: float) -> AsyncEngine:
    """Return an engine for this address; nothing is connected yet.

    Args:
        url: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/database`.
        patience: seconds to wait for a connection, a lock or a statement before giving up.

    Raises:
        WrongUrl: the address cannot be read, names another driver, SQLite without a file, or
            certificates that do not exist.
    """
    parsed = _parse(url)
    # Hidden: an error's text is logged, and the values may be personal.
    shared: dict[str, Any] = {"hide_parameters": True, "pool_timeout": patience}
    shared |= {"pool_size": POOL_SIZE, "max_overflow": MAX_OVERFLOW}
    if parsed.drivername == "sqlite+aiosqlite":
        engine = create_async_engine(parsed, connect_args=_sqlite(patience), **shared)
        event.listen(engine.sync_engine, "connect", _set_up)
        event.listen(engine.sync_engine, "do_connect", _probe_file)
        event.listen(engine.sync_engine, "begin", _begin)
        event.listen(engine.sync_engine, "invalidate", _roll_back)
        return engine
    parsed, tls = _verify_tls(parsed)
    settings = _postgresql(patience) | tls
    engine = create_async_engine(parsed, connect_args=settings, pool_pre_ping=True, **shared)
    event.listen(engine.sync_engine, "handle_error", _reconnect_if_read_only)
    return engine


def check_database_url(url: str) -> None:
    """Refuse an address at which there can be no store.

    Raises:
        WrongUrl
    """
    parsed = _parse(url)
    if parsed.drivername != "sqlite+aiosqlite":
        _verify_tls(parsed)


def _wrong_url(fault: str) -> WrongUrl:
    return WrongUrl(fault, DATABASE_URL)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _wrong_url(
            Message(
                "The database's address cannot be read; it looks like %(examples)s.",
                examples=EXAMPLES,
            )
        ) from None
    if parsed.drivername not in DRIVERS:
        raise _wrong_url(
            Message(
                "The store speaks %(drivers)s, not %(drivername)s; an address looks like "
                "%(examples)s.",
                drivers=[*DRIVERS],
                drivername=parsed.drivername,
                examples=EXAMPLES,
            )
        )
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in {None, "", ":memory:"}:
        raise _wrong_url(Message("SQLite needs a file: each connection has a memory of its own."))
    if unknown := parsed.query.keys() - OPTIONS[parsed.drivername]:
        raise _wrong_url(
            Message(
                "The database's address has the option %(min)s; there are %(options)s.",
                min=min(unknown),
                options=[*sorted(OPTIONS[parsed.drivername])],
            )
        )
    if str(parsed.query.get("ssl", "prefer")) not in SSL_MODES:
        raise _wrong_url(
            Message(
                "In the database's address, ssl is one of %(ssl_modes)s.",
                ssl_modes=[*SSL_MODES],
            )
        )
    return parsed


def _sqlite(patience: float) -> dict[str, Any]:
    # No isolation level: the driver leaves BEGIN to us.
    return {"timeout": patience, "isolation_level": None}


def _verify_tls(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return the address for the driver, and how the driver is to verify the server.

    The trusted certificates are those in `sslrootcert`, else the machine's. The driver itself
    would look for them in the user's home, and does not know `sslrootcert` in our addresses.

    Raises:
        WrongUrl: the file cannot be read, or no `ssl` mode says that it is to be used.
    """
    mode, root = url.query.get("ssl"), url.query.get("sslrootcert")
    if mode not in VERIFYING_MODES:
        if root is not None:
            raise _wrong_url(
                Message("In the database's address, sslrootcert needs ssl=verify-full.")
            )
        return url, {}
    try:
        context = ssl.create_default_context(cafile=str(root) if root else None)
    except OSError:
        raise _wrong_url(
            Message("The file that sslrootcert names holds no certificates.")
        ) from None
    context.check_hostname = VERIFYING_MODES[str(mode)]
    return url.difference_update_query(["ssl", "sslrootcert"]), {"ssl": context}


def _postgresql(patience: float) -> dict[str, Any]:
    return {
        "timeout": patience,
        "command_timeout": patience,
        # Each of our queries is short: to compile a counting one takes longer than to run it.
        "server_settings": {"application_name": "banjie", "jit": "off"},
    }


def _reconnect_if_read_only(context: ExceptionContext) -> None:
    # The connections to a server that has become read-only (a standby now, or a full disk) stay
    # read-only until they are opened again; a ping does not notice.
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _probe_file(
    _dialect: Any, _entry: ConnectionPoolEntry, args: Sequence[str], _kwargs: Any
) -> None:
    # Customers' data will lie in it, so a new file is its owner's; SQLite gives the files beside it
    # the same permissions. O_EXCL: closing a second handle of a file in use releases its locks.
    with suppress(OSError):
        os.close(os.open(args[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    # A file that cannot be opened leaves aiosqlite with a thread that outlives its loop and
    # reports that on stderr long after the error was handled. The plain driver just raises.
    sqlite3.connect(args[0]).close()


def _set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # Bytes that are no text would fail the whole statement, as if the database were down.
    connection.driver_connection.text_factory = DECODE
    cursor = connection.cursor()
    try:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        # The pool has not taken the connection over yet, so nobody else would close it.
        connection.close()
        raise


def _roll_back(connection: Any, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
    # A cancelled task gives up a connection whose thread is still executing a statement. Closing
    # that one keeps its transaction, and the lock, until a forgotten cursor is collected.
    if in_greenlet():
        with suppress(sqlite3.Error):
            connection.rollback()


def _begin(connection: Connection) -> None:
    # After a deferred BEGIN, a write that follows a read fails at once if another writer was
    # quicker, whatever the busy timeout; IMMEDIATE waits.
    mode = "IMMEDIATE" if connection.get_execution_options().get(WRITES) else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
