"""Rebuilds the whole read model in a fresh store, and compares it with the one there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final

from ops.rebuild.diff import Difference, Inspection, Mismatch, RebuildReport, orphan_differences
from ops.rebuild.fold import fold_sources
from ops.rebuild.inspect import (
    Inspector,
    KnownCases,
    Progress,
    all_orphans,
    case_numbers,
    no_progress,
)
from ops.rebuild.sources import Source
from ops.worker_pool import WorkerPool
from runtime.message import Message
from store import Store
from store.projection import PackedRows, Rows, no_rows, pack, same_rows

COMPARED_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Rebuilder:
    """Fills a fresh store from the sources of an inspector, whose store is the live one.

    `live` says whether the live store can be read. Without a pool, a thread folds the cases.
    """

    inspector: Inspector
    fresh: Store
    live: bool = True
    pool: WorkerPool | None = None

    async def run(self, progress: Progress = no_progress, *, records: bool = True) -> RebuildReport:
        """Fill the store, compare it, and copy the records last, so that they are quite new.

        Raises:
            StoreDown, ArchiveDown, RPCError
        """
        report, began = RebuildReport(), monotonic()
        known = await self.inspector.known_cases(stored=self.live)
        await self._fill(report, known, progress)
        report.seconds = monotonic() - began
        if self.live:
            began = monotonic()
            await self._compare(report, progress)
            report.comparing_seconds = monotonic() - began
            if records:
                report.records = await self._copy_records()
        return report

    async def _fill(self, report: RebuildReport, known: KnownCases, progress: Progress) -> None:
        work = partial(
            pack_cases,
            archive_url=self.inspector.sources.archive_url,
            dialect=self.fresh.projection.dialect,
        )
        async with _write_behind(self._write) as write:
            async for batch in self.inspector.map(known, work, self.pool):
                await write(batch)
                report.cases += batch.cases
                report.entries += batch.entries
                report.differences += batch.unreadable
                progress(Message("cases made"), report.cases, len(known.numbers))

    async def _write(self, batch: "PackedCases") -> None:
        for packed in batch.packed:
            await self.fresh.projection.put(packed)

    async def _compare(self, report: RebuildReport, progress: Progress) -> None:
        report.compared, live = 0, self.inspector.store
        unreadable = {each.number for each in report.differences}
        compared: set[tuple[str, str]] = set()
        tenants = {*await live.projection.tenants(), *await self.fresh.projection.tenants()}
        for tenant in sorted(tenants):
            numbers = sorted(
                {*await case_numbers(live, tenant), *await case_numbers(self.fresh, tenant)}
            )
            compared.update((tenant, number) for number in numbers)
            for start in range(0, len(numbers), COMPARED_AT_ONCE):
                some = numbers[start : start + COMPARED_AT_ONCE]
                await self._compare_some(report, tenant, [n for n in some if n not in unreadable])
                report.compared += len(some)
                progress(Message("cases compared"), report.compared, len(numbers))
        for orphan in await all_orphans(live):
            if (orphan.tenant, orphan.number) not in compared:
                report.differences += orphan_differences(orphan)

    async def _compare_some(
        self, report: RebuildReport, tenant: str, numbers: Sequence[str]
    ) -> None:
        """Compare cases of both stores; one that differs is inspected again by its history."""
        numbers = await self._differing(tenant, numbers)
        if not numbers:
            return
        fresh = await self.fresh.projection.rows(tenant, numbers)
        live = await self.inspector.store.projection.rows(tenant, numbers)
        suspects = [
            Inspection(tenant, number, live.get(number, no_rows()), None)
            for number in numbers
            if not same_rows(fresh.get(number, no_rows()), live.get(number, no_rows()))
        ]
        for inspection in await self.inspector.confirm(suspects):
            if inspection.changing:
                report.changing.append(inspection.number)
            elif inspection.differences:
                report.differences += inspection.differences
            else:
                rows = fresh.get(inspection.number, no_rows())
                report.caught_up += await self._catch_up(inspection, rows)

    async def _differing(self, tenant: str, numbers: Sequence[str]) -> Sequence[str]:
        """Return the cases that may differ: those whose raw rows do, if both stores write alike."""
        fresh, live = self.fresh.projection, self.inspector.store.projection
        if fresh.dialect != live.dialect:
            return numbers
        ours, theirs = await asyncio.gather(
            fresh.raw_rows(tenant, numbers), live.raw_rows(tenant, numbers)
        )
        return [number for number in numbers if ours[number] != theirs[number]]

    async def _catch_up(self, inspection: Inspection, rows: Rows) -> bool:
        """Write what was added to a case since it was filled in; whether there was anything."""
        if inspection.expected is None or same_rows(inspection.expected, rows):
            return False
        await self.fresh.projection.replace(
            inspection.tenant, inspection.number, rows, inspection.expected, entries=True
        )
        return True

    async def _copy_records(self) -> int:
        live, fresh, copied = self.inspector.store, self.fresh, 0
        if fresh.projection.dialect == live.projection.dialect:
            async for table, raw in live.record_copy.read_raw():
                await fresh.record_copy.put_raw(table, raw)
                copied += len(raw)
        else:
            async for table, rows in live.record_copy.read():
                await fresh.record_copy.put(table, rows)
                copied += len(rows)
        await fresh.record_copy.drop_sealed_waiting()
        return copied


@dataclass(frozen=True)
class PackedCases:
    """Some cases: their rows, how many cases and entries, and the cases that cannot be read."""

    packed: Sequence[PackedRows]
    cases: int
    entries: int
    unreadable: Sequence[Difference]


def pack_cases(sources: Sequence[Source], archive_url: str, dialect: str) -> PackedCases:
    """Return the rows that are recorded for sure, packed for a database of this dialect."""
    folded = fold_sources(sources, archive_url)
    by_tenant: dict[str, dict[str, Rows]] = {}
    for each in folded:
        if each.rows is not None:
            by_tenant.setdefault(each.tenant, {})[each.number] = each.rows
    rows = [each for cases in by_tenant.values() for each in cases.values()]
    return PackedCases(
        packed=[pack(dialect, tenant, cases) for tenant, cases in by_tenant.items()],
        cases=len(rows),
        entries=sum(len(each["entries"]) for each in rows),
        unreadable=[
            Difference(each.tenant, each.number, Mismatch.UNREADABLE, detail=each.fault)
            for each in folded
            if each.fault
        ],
    )


@asynccontextmanager
async def _write_behind(
    work: Callable[[PackedCases], Coroutine[None, None, None]],
) -> AsyncIterator[Callable[[PackedCases], Awaitable[None]]]:
    """Let one batch be written while the next is got ready; all is written at the end."""
    writing: asyncio.Task[None] | None = None

    async def write(batch: PackedCases) -> None:
        nonlocal writing
        if writing is not None:
            await writing
        writing = asyncio.create_task(work(batch))

    try:
        yield write
        if writing is not None:
            await writing
    finally:
        if writing is not None:
            writing.cancel()
            await asyncio.wait([writing])
