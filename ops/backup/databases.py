"""SQLite files: held still, copied while they are in use, and looked through."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from ops.backup.errors import Busy, Damaged

PATIENCE = 30.0
"""Seconds to wait for a writer to finish."""


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Let nobody write to a database for a while; readers are let through.

    Raises:
        Busy: somebody else does not let go of it.
    """
    with closing(_opened(file)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise Busy(
                f"{file.name} was being written to for {PATIENCE:g} s without a pause; try again."
            ) from None
        try:
            yield
        finally:
            connection.rollback()


def copy(file: Path, to: Path) -> None:
    """All that is committed at one moment, while others read and write.

    In one step, that is inside one transaction: a copy made in parts would begin anew with every
    write of another process, and so might never end.
    """
    with closing(_opened(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target, pages=-1)
        # One file, with nothing beside it; whoever opens it next chooses WAL again.
        target.execute("PRAGMA journal_mode=DELETE")


def examine(file: Path) -> None:
    """Look through every page.

    Raises:
        Damaged
    """
    try:
        with closing(_opened(file)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise Damaged(f"{file.name} is damaged: {said}.")


def _opened(file: Path) -> sqlite3.Connection:
    # rw: what is not there is not made. The transactions are ours to begin.
    where = f"file:{quote(str(file.absolute()))}?mode=rw"
    return sqlite3.connect(where, uri=True, timeout=PATIENCE, isolation_level=None)
