"""From what is told of a case to its rows: a pure fold, for any process to do."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from cases import KINDS
from domain.engine.case import Case
from domain.engine.chain import first_break
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.effects import Call, Notify
from domain.language.entries import Entry
from domain.read_models.projection import projection_update
from ops.rebuild.history import Source, Told, entries_of, tenant_of
from ops.worker_pool import forked
from store.archive import Archive, Archived, ArchiveDamaged, Bundle
from store.projection import Rows, rows_of

TELL: Final = "tell"


@dataclass(frozen=True)
class Folded:
    """A case as the store should have it, and what else it may have.

    Args:
        tenant, number: the case.
        rows: all that was recorded for sure.
        more: the same with the batch that is on its way, if there is one.
        may: rows of the outbox, by seq and n, that may be there or not.
        wrong: why its entries make no case; then there are no rows.
    """

    tenant: str
    number: str
    rows: Rows | None
    more: Rows | None = None
    may: frozenset[tuple[int, int]] = frozenset()
    wrong: str = ""

    def fitting(self, there: Rows) -> Rows | None:
        """The rows that fit how far a store has come."""
        arrived = self.more is not None and max(self.more["entries"]) in there["entries"]
        return self.more if arrived else self.rows


def fold(told: Told | Bundle) -> Folded | None:
    """The case; None if nothing of it was recorded, or if it is no case at all."""
    tenant = tenant_of(told)
    if tenant is None:
        return None
    try:
        entries, recorded = entries_of(told)
        return _folded(tenant, told.number, entries, recorded) if entries else None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # Its text may hold what a customer said.
        why = f"its entries cannot be read ({type(error).__name__})"
        return Folded(tenant, told.number, None, wrong=why)


def _folded(tenant: str, number: str, entries: Sequence[Entry], recorded: int) -> Folded:
    if (broken := first_break(entries, tenant, number)) is not None:
        why = f"entry {broken} does not follow from the one before"
        return Folded(tenant, number, None, wrong=why)
    opening = opening_of(entries[0])
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        why = f"nobody knows the process {opening.kind} v{opening.process_version}"
        return Folded(tenant, number, None, wrong=why)
    case = process.fold(opening, entries)
    may = frozenset(key for key, _, _, done in _tellings(process, case) if not done)
    more = _rows(process, case) if len(entries) > recorded else None
    if more is None:
        return Folded(tenant, number, _rows(process, case), None, may)
    before = _rows(process, process.as_of(case, recorded)) if recorded else None
    return Folded(tenant, number, before, more, may)


def _rows(process: Process, case: Case) -> Rows:
    """All rows, and those of the outbox that errands wrote and the process heard of."""
    rows = rows_of(projection_update(process, case, 0))
    for key, entry, call, done in _tellings(process, case):
        if done:
            params = call.params(process.as_of(case, entry.seq)) if call.params else {}
            said = {"template": call.template, "to": "customer", "at": entry.at, "params": params}
            rows["outbox"][key] = said
    return rows


def _tellings(process: Process, case: Case) -> Iterator[tuple[tuple[int, int], Entry, Call, bool]]:
    """Whom the process told itself: the key, the entry, the call, whether it was told."""
    answers: dict[int, set[str | None]] = {}
    for entry in case.entries:
        if entry.cause.entry is not None:
            answers.setdefault(entry.cause.entry, set()).add(entry.step)
    for entry in case.entries:
        for n, effect in enumerate(process.effects(case, entry)):
            if not isinstance(effect, Notify) and effect.port == TELL:
                yield (entry.seq, n), entry, effect, effect.done in answers.get(entry.seq, ())


RARELY: Final = 50_000


@dataclass(frozen=True)
class Workers:
    """So many that fold at a time."""

    pool: Executor
    number: int


@contextmanager
def workers(number: int | None = None) -> Iterator[Workers]:
    """Processes, one for each processor if no number is given; one is a thread of this one.

    Begin processes before anything that starts threads: they do not come along in a fork.
    """
    number = number or os.cpu_count() or 1
    pools = forked(number, calm) if number > 1 else ThreadPoolExecutor(1, "folding")
    with pools as pool:
        yield Workers(pool, number)


def calm() -> None:
    """Look for garbage rarely: folding makes much, but next to nothing that refers to itself."""
    gc.freeze()
    gc.set_threshold(RARELY)


T = TypeVar("T")

PART: Final = 50
"""So many cases are folded, and then written, at a time."""


async def work_on(
    sources: AsyncIterator[tuple[str, Source | None]],
    work: Callable[[Sequence[Source]], T],
    by: Workers,
) -> AsyncIterator[T]:
    """What comes of the cases, a part at a time; those of which nothing is told are left out.

    Args:
        sources: what is told of each.
        work: what is done with a part; it is sent to other processes.
        by: who does it.
    """
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[T]] = set()
    async for part in _parts(sources):
        waiting.add(loop.run_in_executor(by.pool, work, part))
        if len(waiting) > 2 * by.number:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                yield each.result()
    for coming in asyncio.as_completed(waiting):
        yield await coming


def fold_part(part: Sequence[Source], archive_url: str) -> list[Folded]:
    """A few cases folded; those of which there is nothing are left out."""
    found = [fold(source) for source in part if isinstance(source, Told)]
    if files := [source for source in part if isinstance(source, Archived)]:
        found += asyncio.run(_files(Archive(archive_url), files))
    return [each for each in found if each is not None]


async def _files(archive: Archive, files: Sequence[Archived]) -> list[Folded | None]:
    return [await _file(archive, file) for file in files]


async def _file(archive: Archive, file: Archived) -> Folded | None:
    try:
        return fold(await archive.read_now(file))
    except ArchiveDamaged as error:
        return Folded(file.tenant, file.number, None, wrong=str(error))


async def _parts(
    sources: AsyncIterator[tuple[str, Source | None]],
) -> AsyncIterator[list[Source]]:
    part: list[Source] = []
    async for _, source in sources:
        if source is not None:
            part.append(source)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part
