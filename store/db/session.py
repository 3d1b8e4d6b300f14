"""Transactions: the only place that commits, and that turns database errors into `StoreDown`."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext

import asyncpg
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.message import Message
from store.db.engine import WRITES, build_engine
from store.errors import (
    DATABASE_URL,
    StoreDamaged,
    StoreDown,
    StoreError,
    StoreFull,
    StoreRefused,
)

# PostgreSQL's classes of errors that mean "not now" rather than "wrong", and a missing table.
NOT_NOW = ("08", "25", "40", "53", "55", "57", "58", "XX", "42P01", "42703")
REFUSED = ("28", "3D000")
"""PostgreSQL's classes of errors that mean that the user, the password or the database is wrong."""
DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"})
FULL = frozenset({"SQLITE_FULL", "53100"})
MISSING = re.compile(r"no such ((?:table|column): [\w.]+)|((?:relation|column) \S+) does not exist")
"""How SQLite's and PostgreSQL's drivers name a table or a column that does not exist."""
BROKEN = (exc.OperationalError, exc.InterfaceError, exc.InternalError)


class Sessions:
    """Hands out connections inside a transaction, to read a snapshot or to write."""

    def __init__(self, url: str, patience: float) -> None:
        self.engine = build_engine(url, patience)
        self._reader, self._writer = _reader_and_writer(self.engine)
        # SQLite has one writer at a time; waiting here is fair, its busy timeout is not.
        self._write_lock: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a snapshot: all that is read within belongs to one moment.

        Raises:
            StoreDown
        """
        with store_errors():
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: committed at its end, rolled back by an exception or cancellation.

        Raises:
            StoreDown
        """
        with store_errors():
            async with self._write_lock, self._writer.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


@contextmanager
def store_errors() -> Iterator[None]:
    """Raise `StoreDown` in place of an error that says that the database cannot work now."""
    try:
        yield
    except exc.DBAPIError as error:
        if not _is_down(error):
            raise
        raise _store_down(error.orig or error) from error
    except exc.StatementError as error:
        if isinstance(error.orig, StoreError):
            raise error.orig from None
        raise
    except (
        exc.TimeoutError,  # no connection became free
        asyncpg.PostgresError,  # refused while connecting: starting, stopping, too many
        asyncpg.InterfaceError,
        OSError,  # no such host, nobody listening, too slow
    ) as error:
        raise _store_down(error) from error


def _is_down(error: exc.DBAPIError) -> bool:
    """Return whether the database cannot work now, as opposed to refusing the statement."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state.startswith(NOT_NOW + REFUSED)
    if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR":
        return MISSING.search(str(error.orig)) is not None  # else the statement is wrong
    # SQLite reports a file that is no database, or a broken one, as a plain DatabaseError.
    is_damaged = type(error) is exc.DatabaseError
    return error.connection_invalidated or is_damaged or isinstance(error, BROKEN)


def _store_down(error: BaseException) -> StoreDown:
    """Return the error without its statement and values, which may be personal."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    state: str = getattr(error, "sqlstate", None) or ""
    return (
        _refused(error, name, state)
        or _damaged(error, name, state)
        or StoreDown(
            Message(
                "The database does not answer (%(error)s); try again.", error=type(error).__name__
            )
        )
    )


def _refused(error: BaseException, name: str, state: str) -> StoreDown | None:
    """Return the error of a database that is there and does not let us in."""
    if state.startswith(REFUSED):
        return StoreRefused(
            Message(
                "the database refuses us (%(reason)s); see the user, password and name.",
                reason=first_line(error),
            ),
            DATABASE_URL,
        )
    if name.startswith("SQLITE_READONLY"):
        return StoreRefused(
            Message("the database's file cannot be written; see its owner."), DATABASE_URL
        )
    if name.startswith("SQLITE_CANTOPEN"):
        return StoreDown(
            Message(
                "The database does not answer: its file cannot be opened; see its folder "
                "and its owner."
            )
        )
    return None


def _damaged(error: BaseException, name: str, state: str) -> StoreDown | None:
    """Return the error of a database that cannot use its file or its disk."""
    if FULL & {name, state}:
        return StoreFull(Message("The disk of the database is full; make room and try again."))
    if name.startswith("SQLITE_IOERR"):
        return StoreDown(
            Message(
                "The database's file cannot be read or written (%(name)s); see its disk.", name=name
            )
        )
    if missing := MISSING.search(str(error)):
        what = (missing[1] or missing[2]).replace(":", "")
        return StoreDamaged(
            Message(
                "The database has no %(what)s (any more, or yet); if it had, restore a backup.",
                what=what,
            )
        )
    if DAMAGED & {name, state}:
        return StoreDamaged(
            Message("The database does not answer as it should: what is in it is damaged.")
        )
    return None


def first_line(error: BaseException) -> str:
    """Return what the database says in its first line; the next ones may quote values."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].partition(">: ")[2] or lines[0]


def _reader_and_writer(engine: AsyncEngine) -> tuple[AsyncEngine, AsyncEngine]:
    """Return two views of the same pool: one for snapshots, one for writing."""
    writer = engine.execution_options(**{WRITES: True})
    if engine.dialect.name == "sqlite":
        return engine, writer
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reader, writer
