"""SQLite files: locked against writes, copied while in use, and checked page by page."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from ops.backup.errors import Busy, Damaged
from runtime.message import Message

MOST_FREE = 0.25
"""The share of unused pages in a copy from which on it is written anew without them."""
PATIENCE = 30.0
"""Seconds to wait for a writer to finish."""


@contextmanager
def write_lock(file: Path) -> Iterator[None]:
    """Let nobody write to a database while the context lasts; readers are let through.

    Raises:
        Busy: somebody else does not release it.
    """
    with closing(_opened(file)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise Busy(
                Message(
                    "%(name)s was being written to for %(patience)s s without a pause; try again.",
                    name=file.name,
                    patience=f"{PATIENCE:g}",
                )
            ) from None
        try:
            yield
        finally:
            connection.rollback()


def copy_database(file: Path, to: Path) -> None:
    """Copy all that is committed at one moment, while others read and write.

    The copy is one step inside one transaction: a copy made in parts would start again with every
    write of another process, and so might never end.
    """
    with closing(_opened(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target, pages=-1)
        # DELETE leaves one file with nothing beside it; whoever opens it next chooses WAL again.
        target.execute("PRAGMA journal_mode=DELETE")


def compact(file: Path) -> None:
    """Leave out of a copy the pages that nothing uses, if they are many.

    They would go into every backup; and where they are empty it would unpack to a hundred times
    its size, as no backup may.
    """
    with closing(_opened(file)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
        if unused > MOST_FREE * pages:
            connection.execute("VACUUM")


def check_integrity(file: Path) -> None:
    """Check every page.

    Raises:
        Damaged
    """
    try:
        with closing(_opened(file)) as connection:
            (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        result = str(error)
    if result != "ok":
        raise Damaged(Message("%(name)s is damaged: %(result)s.", name=file.name, result=result))


def _opened(file: Path) -> sqlite3.Connection:
    # mode=rw makes no file where there is none; isolation_level=None leaves transactions to us.
    uri = f"file:{quote(str(file.absolute()))}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
