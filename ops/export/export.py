"""From the store into a file: each case is read, written and forgotten before the next."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain.language.table import Stage
from ops.export.history import History, LeftOut, Which, histories
from store import Store


class ExportFailed(Exception):
    """The message says why, and what to do, in one sentence."""


class Sink(Protocol):
    """Something that histories are written to."""

    def add(self, history: History) -> None:
        """Write one case."""

    def finish(self) -> dict[str, int]:
        """Write what comes at the end, and say how much of what was written."""


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
    which: Which,
    sink: Sink,
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Write all cases that were asked for, but for those that cannot be read.

    Raises:
        StoreDown: it went away; what was written so far is of no use.
        ExportFailed: a case that could be read could not be written.
        OSError: the file could not be written.
    """
    tally = Tally()
    async for history in histories(store, tenant, which):
        if isinstance(history, LeftOut):
            tally.left_out.append(history)
            continue
        try:
            sink.add(history)
        except (LookupError, ValueError, TypeError) as error:
            number = history.row.number
            raise ExportFailed(
                f"{number} does not fit its process ({type(error).__name__}); "
                f"`banjie ops conformance {number}` says where."
            ) from error
        tally.cases += 1
        tally.events += len(history.entries)
        progress(tally)
    tally.objects = sink.finish()
    return tally


async def expected(store: Store, tenant: str, which: Which) -> int | None:
    """How many cases there will be; None where only reading them all would tell."""
    if which.since is not None or which.until is not None:
        return None
    return sum(
        count.n
        for count in await store.counts.cases(tenant)
        if which.kind in (None, count.kind) and which.open in (None, count.stage != Stage.CLOSE)
    )


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
