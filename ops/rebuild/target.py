"""The fresh store that a rebuild fills: complete at its end, and gone if it did not get there."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

from store import Store
from store.errors import StoreError, StoreFull

SQLITE: Final = "sqlite+aiosqlite:///"
UNFINISHED: Final = ".unfinished"
BESIDE: Final = ("", "-wal", "-shm")


class NotFresh(ValueError):
    """What is to be filled is not empty; the message says what to do."""


class NoPlace(OSError):
    """The file cannot be made there."""


@asynccontextmanager
async def fresh(url: str) -> AsyncIterator[Store]:
    """An empty store at this address, with all tables.

    A SQLite file is written beside and renamed at the end. In PostgreSQL a mark stands in the
    database until then; what carries it is begun anew by the next rebuild.

    Raises:
        NotFresh: something is there.
        NoPlace: the file cannot be made.
        StoreFull, StoreDown, WrongUrl
    """
    if not url.startswith(SQLITE):
        async with _database(url) as store:
            yield store
        return
    name, mark, how = url.removeprefix(SQLITE).partition("?")
    path = Path(name)
    beside = _make(path)
    try:
        store = await Store.open(f"{SQLITE}{beside}{mark}{how}", migrate=True)
        try:
            yield store
        finally:
            await store.close()
        _alone(beside)
        _refuse(path)
        beside.rename(path)
    finally:
        _remove(beside)


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    try:
        if await store.record_copy.is_marked():
            await store.migrate()
            await store.record_copy.clear()
        if not await store.record_copy.is_empty():
            raise NotFresh("The database to fill is not empty; make a new one.")
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


def _make(path: Path) -> Path:
    """An empty file beside, for its owner alone: it will hold customers' data."""
    _refuse(path)
    beside = path.with_name(path.name + UNFINISHED)
    _remove(beside)
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise NoPlace(f"{beside} cannot be written ({error.strerror}).") from None
    return beside


def _refuse(path: Path) -> None:
    if path.exists():
        raise NotFresh(f"{path} is there already, and is not written over; name another file.")


def _alone(file: Path) -> None:
    """Bring all of it into the one file that is renamed."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StoreFull(f"The disk is full where {file} is written.") from None
        raise NoPlace(f"{file} cannot be written ({error}).") from None


def _remove(file: Path) -> None:
    for end in BESIDE:
        file.with_name(file.name + end).unlink(missing_ok=True)


@asynccontextmanager
async def readable(url: str) -> AsyncIterator[Store | None]:
    """The store, or None if nothing answers there, or nothing that this code can read."""
    if not _may_be_there(url):
        # Opening it would make it.
        yield None
        return
    store = await Store.open(url)
    try:
        yield store if await _answers(store) else None
    finally:
        await store.close()


def _may_be_there(url: str) -> bool:
    file, _, _ = url.removeprefix(SQLITE).partition("?")
    return not url.startswith(SQLITE) or Path(file).exists()


async def _answers(store: Store) -> bool:
    try:
        return await store.migrated()
    except StoreError:
        return False
