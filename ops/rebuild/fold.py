"""Folds the entries of cases into the rows that a store should have: pure, in any process."""

import asyncio
import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from cases import KINDS
from domain.engine.case import Case
from domain.engine.chain import first_break
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.effects import Call, Notify
from domain.language.entries import Entry
from domain.read_models.projection import projection_update
from ops.rebuild.sources import Source, TemporalRun
from ops.worker_pool import WorkerPool, worker_pool
from runtime.message import Message
from store.archive import Archive, ArchiveDamaged, ArchivedFile, Bundle
from store.projection import Rows, rows_of

TELL: Final = "tell"
COLLECT_EVERY: Final = 50_000
"""How many allocations trigger a garbage collection while cases are folded."""


@dataclass(frozen=True)
class FoldedCase:
    """The rows of a case as the store should have them.

    Args:
        tenant, number: the case.
        rows: all that was recorded for sure.
        pending_rows: the same with the batch that is on its way, if there is one.
        optional: rows of the outbox, by seq and n, that may be there or not.
        fault: why its entries make no case; then there are no rows.
    """

    tenant: str
    number: str
    rows: Rows | None
    pending_rows: Rows | None = None
    optional: frozenset[tuple[int, int]] = frozenset()
    fault: str = ""

    def expected(self, stored: Rows) -> Rows | None:
        """Return the rows that should be there, by how far the store has come."""
        pending = self.pending_rows
        return pending if pending and max(pending["entries"]) in stored["entries"] else self.rows


@contextmanager
def fold_pool(size: int | None = None) -> Iterator[WorkerPool]:
    """Workers that fold, one for each processor if no size is given; a single one is a thread.

    Enter it before anything that starts threads: they are not copied by a fork.
    """
    if (size or os.cpu_count() or 1) > 1:
        with worker_pool(size, collect_rarely) as pool:
            yield pool
    else:
        with ThreadPoolExecutor(1, "folding") as executor:
            yield WorkerPool(executor, 1)


def collect_rarely() -> None:
    """Collect garbage rarely: folding makes much, but next to nothing that refers to itself."""
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


def fold_sources(sources: Sequence[Source], archive_url: str) -> list[FoldedCase]:
    """Return the cases of these sources; those of which nothing was recorded are left out."""
    folded = [fold(source) for source in sources if isinstance(source, TemporalRun)]
    if files := [source for source in sources if isinstance(source, ArchivedFile)]:
        folded += asyncio.run(_fold_files(Archive(archive_url), files))
    return [each for each in folded if each is not None]


async def _fold_files(archive: Archive, files: Sequence[ArchivedFile]) -> list[FoldedCase | None]:
    return [await _fold_file(archive, file) for file in files]


async def _fold_file(archive: Archive, file: ArchivedFile) -> FoldedCase | None:
    try:
        return fold(await archive.read_current(file))
    except ArchiveDamaged as error:
        return FoldedCase(file.tenant, file.number, None, fault=str(error))


def fold(source: TemporalRun | Bundle) -> FoldedCase | None:
    """Return the case; None if nothing of it was recorded, or if it is no case at all."""
    tenant = source.tenant if isinstance(source, Bundle) else source.payloads.tenant()
    if tenant is None:
        return None
    try:
        if isinstance(source, Bundle):
            entries, recorded = list(source.entries), len(source.entries)
        else:
            entries, recorded = source.payloads.entries()
        return _fold_entries(tenant, source.number, entries, recorded) if entries else None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # Its text may hold what a customer said.
        fault = Message("its entries cannot be read (%(error)s)", error=type(error).__name__)
        return FoldedCase(tenant, source.number, None, fault=fault)


def _fold_entries(tenant: str, number: str, entries: Sequence[Entry], recorded: int) -> FoldedCase:
    if (broken := first_break(entries, tenant, number)) is not None:
        fault = Message("entry %(broken)s does not follow from the one before", broken=broken)
        return FoldedCase(tenant, number, None, fault=fault)
    opening = opening_of(entries[0])
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        fault = Message(
            "nobody knows the process %(kind)s v%(process_version)s",
            kind=opening.kind,
            process_version=opening.process_version,
        )
        return FoldedCase(tenant, number, None, fault=fault)
    case = process.fold(opening, entries)
    optional = frozenset(key for key, _, _, done in _customer_calls(process, case) if not done)
    if len(entries) == recorded:
        return FoldedCase(tenant, number, _rows(process, case), None, optional)
    before = _rows(process, process.as_of(case, recorded)) if recorded else None
    return FoldedCase(tenant, number, before, _rows(process, case), optional)


def _rows(process: Process, case: Case) -> Rows:
    """Return all rows, with those of the outbox that calls wrote and the process was told of."""
    rows = rows_of(projection_update(process, case, 0))
    for key, entry, call, done in _customer_calls(process, case):
        if done:
            params = call.params(process.as_of(case, entry.seq)) if call.params else {}
            row = {"template": call.template, "to": "customer", "at": entry.at, "params": params}
            rows["outbox"][key] = row
    return rows


def _customer_calls(
    process: Process, case: Case
) -> Iterator[tuple[tuple[int, int], Entry, Call, bool]]:
    """Yield the calls that notify the customer: row key, entry, call, and whether it was done."""
    answers: dict[int, set[str | None]] = {}
    for entry in case.entries:
        if entry.cause.entry is not None:
            answers.setdefault(entry.cause.entry, set()).add(entry.step)
    for entry in case.entries:
        for n, effect in enumerate(process.effects(case, entry)):
            if not isinstance(effect, Notify) and effect.port == TELL:
                yield (entry.seq, n), entry, effect, effect.done in answers.get(entry.seq, ())
