"""What can go wrong with a backup; each message says in one sentence what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.message import Message

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class BackupError(Exception):
    """The base of all errors; nothing half-made is left behind."""


class NothingThere(BackupError):
    """There is no system in this folder, or no such file."""


class Busy(BackupError):
    """A system runs in the folder, or somebody writes without a pause; it may work later."""


class InTheWay(BackupError):
    """Something is there already, and would be lost."""


class Damaged(BackupError):
    """What was read is not what was written."""


class NoRoom(BackupError):
    """The disk is full."""


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """Turn an error of the disk or of SQLite into a sentence about what it interrupted.

    Raises:
        NoRoom, BackupError
    """
    try:
        yield
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        raise _error(doing, str(error), full=full) from None
    except OSError as error:
        full = error.errno in NO_ROOM
        raise _error(doing, error.strerror or str(error), full=full) from None


def _error(doing: str, why: str, *, full: bool) -> BackupError:
    if full:
        return NoRoom(
            Message(
                "The disk is full; %(doing)s was not finished, and nothing is left of it.",
                doing=doing,
            )
        )
    return BackupError(Message("It failed while %(doing)s: %(why)s.", doing=doing, why=why))
