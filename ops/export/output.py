"""A file that is there whole or not at all: written beside its place, then moved there."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.export.errors import ExportFailed


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write; it becomes `path` at the end, and nothing is left of it on any error.

    Only its owner may read it.

    Raises:
        ExportFailed: the folder is not there, may not be written to, or the disk is full.
    """
    if path.exists() and not path.is_file():
        raise ExportFailed(f"{path} is there and is no file; nothing takes its place.")
    with told(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    part = Path(name)
    try:
        with told(path):
            yield part
            _settle(part)
            part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say in a sentence why a file could not be written.

    Raises:
        ExportFailed
    """
    try:
        yield
    except OSError as error:
        raise ExportFailed(f"{path} could not be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise ExportFailed(f"{path} could not be written: {error}.") from error


def _settle(part: Path) -> None:
    with part.open("rb+") as file:
        os.fsync(file.fileno())
