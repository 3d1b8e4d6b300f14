"""Writes histories from the store into a file: each case is read, written and forgotten."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain.language.table import Stage
from ops.export.history import CaseHistory, ExportFilter, LeftOut, read_histories
from runtime.message import Message
from store import Store


class ExportFailed(Exception):
    """The message says why, and what to do, in one sentence."""


class Sink(Protocol):
    """Something that histories are written to."""

    def add(self, history: CaseHistory) -> None:
        """Write one case."""

    def finish(self) -> dict[str, int]:
        """Write the end, and return how many objects of which type were written."""


@dataclass
class Tally:
    """What was written so far; `objects` are counted at the end, where the format has any."""

    cases: int = 0
    events: int = 0
    objects: dict[str, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


async def export(
    store: Store,
    tenant: str,
    cases: ExportFilter,
    sink: Sink,
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Write all cases of the filter except those that cannot be read, which the tally names.

    Raises:
        StoreDown: the store went away; what was written so far is of no use.
        ExportFailed: a case that could be read could not be written.
        OSError: the file could not be written.
    """
    tally = Tally()
    async for history in read_histories(store, tenant, cases):
        if isinstance(history, LeftOut):
            tally.left_out.append(history)
            continue
        try:
            sink.add(history)
        except (LookupError, ValueError, TypeError) as error:
            number = history.row.number
            raise ExportFailed(
                Message(
                    "%(number)s does not fit its process (%(error)s); `banjie ops "
                    "conformance %(number)s` says where.",
                    number=number,
                    error=type(error).__name__,
                )
            ) from error
        tally.cases += 1
        tally.events += len(history.entries)
        progress(tally)
    tally.objects = sink.finish()
    return tally


async def expected_cases(store: Store, tenant: str, cases: ExportFilter) -> int | None:
    """Return how many cases will be exported; None if only reading them all would tell."""
    if cases.since is not None or cases.until is not None:
        return None
    return sum(
        count.n
        for count in await store.counts.cases(tenant)
        if cases.kind in (None, count.kind) and cases.open in (None, count.stage != Stage.CLOSE)
    )


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a file to write that becomes `path` at the end; on any error nothing is left of it.

    Only its owner may read it.

    Raises:
        ExportFailed: the folder does not exist, may not be written to, or the disk is full.
    """
    if path.exists() and not path.is_file():
        raise ExportFailed(
            Message("%(path)s is there and is no file; nothing takes its place.", path=path)
        )
    with write_errors(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    part = Path(name)
    try:
        with write_errors(path):
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn errors of the disk or of SQLite into a sentence about the file.

    Raises:
        ExportFailed
    """
    try:
        yield
    except OSError as error:
        raise ExportFailed(
            Message(
                "%(path)s could not be written: %(value)s.",
                path=path,
                value=error.strerror or error,
            )
        ) from error
    except sqlite3.Error as error:
        raise ExportFailed(
            Message("%(path)s could not be written: %(error)s.", path=path, error=error)
        ) from error
