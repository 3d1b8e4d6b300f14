"""The target of a rebuild: a fresh store; and the live store, if it can be read."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from runtime.message import Message
from store import Store
from store.errors import StoreError, StoreFull

SQLITE: Final = "sqlite+aiosqlite:///"
UNFINISHED: Final = ".unfinished"
SQLITE_FILES: Final = ("", "-wal", "-shm")


class TargetNotEmpty(ValueError):
    """The database to fill is not empty; the message says what to do."""


class TargetUnwritable(OSError):
    """The file cannot be written there."""


@asynccontextmanager
async def fresh_store(url: str) -> AsyncIterator[Store]:
    """Yield an empty store at this address, with all tables.

    It is complete when this ends, and gone if it does not end well. A SQLite file is written under
    another name beside its own and renamed at the end. A PostgreSQL database carries a mark until
    then; the next rebuild clears a database with a mark.

    Raises:
        TargetNotEmpty: something is there.
        TargetUnwritable: the file cannot be made.
        StoreFull, StoreDown, WrongUrl
    """
    if not url.startswith(SQLITE):
        async with _fresh_database(url) as store:
            yield store
        return
    name, question_mark, options = url.removeprefix(SQLITE).partition("?")
    path = Path(name)
    unfinished = _create(path)
    try:
        store = await Store.open(f"{SQLITE}{unfinished}{question_mark}{options}", migrate=True)
        try:
            yield store
        finally:
            await store.close()
        _merge_wal(unfinished)
        _refuse_existing(path)
        unfinished.rename(path)
    finally:
        _remove(unfinished)


@asynccontextmanager
async def _fresh_database(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    try:
        if await store.record_copy.is_marked():
            await store.migrate()
            await store.record_copy.clear()
        if not await store.record_copy.is_empty():
            raise TargetNotEmpty(Message("The database to fill is not empty; make a new one."))
        await store.record_copy.mark()
        await store.migrate()
        try:
            yield store
        except BaseException:
            await store.record_copy.clear()
            raise
        await store.record_copy.unmark()
    finally:
        await store.close()


def _create(path: Path) -> Path:
    """Create the unfinished file, readable by its owner alone: it will hold customers' data."""
    _refuse_existing(path)
    unfinished = path.with_name(path.name + UNFINISHED)
    _remove(unfinished)
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise TargetUnwritable(
            Message(
                "%(unfinished)s cannot be written (%(why)s).",
                unfinished=unfinished,
                why=error.strerror,
            )
        ) from None
    return unfinished


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise TargetNotEmpty(
            Message(
                "%(path)s is there already, and is not written over; name another file.", path=path
            )
        )


def _merge_wal(file: Path) -> None:
    """Move everything into the one file that is renamed."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StoreFull(
                Message("The disk is full where %(file)s is written.", file=file)
            ) from None
        raise TargetUnwritable(
            Message("%(file)s cannot be written (%(error)s).", file=file, error=error)
        ) from None


def _remove(file: Path) -> None:
    for suffix in SQLITE_FILES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


@asynccontextmanager
async def readable_store(url: str) -> AsyncIterator[Store | None]:
    """Yield the store; None if nothing answers there, or nothing that this code can read."""
    if not _may_exist(url):
        # Opening a SQLite database creates it.
        yield None
        return
    store = await Store.open(url)
    try:
        yield store if await _is_readable(store) else None
    finally:
        await store.close()


def _may_exist(url: str) -> bool:
    file, _, _ = url.removeprefix(SQLITE).partition("?")
    return not url.startswith(SQLITE) or Path(file).exists()


async def _is_readable(store: Store) -> bool:
    try:
        return await store.migrated()
    except StoreError:
        return False
