"""Finds where the store is not what workflows and archive say, and mends it while cases move."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Final

from pydantic import JsonValue
from temporalio.client import Client

from ops.rebuild.diff import (
    Difference,
    Fate,
    Inspection,
    Mismatch,
    ReconcileReport,
    orphan_differences,
)
from ops.rebuild.fold import fold_sources
from ops.rebuild.inspect import Inspector, Progress, all_orphans, no_progress
from ops.rebuild.sources import Sources
from ops.worker_pool import WorkerPool
from store import Store
from store.projection import CaseChanged

RECONCILE: Final = "reconcile"
"""The name of the chore."""
MAX_REPORTED: Final = 100
"""So many differences are in the chore's report at most: it is kept in Temporal's history."""
TRIES: Final = 5
DERIVED: Final = frozenset(
    {"cases", "tasks", "task_roles", "clocks", "case_words", "case_goods", "attachments"}
)
"""Rows of these tables are always replaced."""
APPEND_ONLY: Final = frozenset({"entries", "outbox"})
"""Rows of these tables are only added."""


def reconcile_chore(
    client: Client, store: Store, archive_url: str
) -> Callable[[], Awaitable[dict[str, JsonValue]]]:
    """Return the chore: mend what is not tamper evidence, and report each difference."""

    async def chore() -> dict[str, JsonValue]:
        report = await Reconciler(Inspector(Sources(client, archive_url), store)).run()
        found: list[JsonValue] = [each.document() for each in report.differences[:MAX_REPORTED]]
        return {
            "cases": report.cases,
            "differences": len(report.differences),
            "stays": report.stays,
            "found": found,
        }

    return chore


@dataclass(frozen=True)
class Reconciler:
    """Inspects all cases of a store and, if `mend` is set, mends what differs.

    `entries` says whether entries that differ are replaced, too: one that was changed may be a
    trace. Without a pool, a thread folds the cases.
    """

    inspector: Inspector
    mend: bool = True
    entries: bool = False
    pool: WorkerPool | None = None

    async def run(self, progress: Progress = no_progress) -> ReconcileReport:
        """Reconcile all cases.

        Raises:
            StoreDown, ArchiveDown, RPCError
        """
        report, began = ReconcileReport(), monotonic()
        inspected: set[tuple[str, str]] = set()
        async for inspection in self._differing(report, inspected, progress):
            await self._settle(report, inspection)
        await self._settle_orphans(report, inspected)
        report.seconds = monotonic() - began
        return report

    async def _differing(
        self, report: ReconcileReport, inspected: set[tuple[str, str]], progress: Progress
    ) -> AsyncIterator[Inspection]:
        """Yield each case with which something is wrong, or of which nothing can be said."""
        known = await self.inspector.known_cases()
        work = partial(fold_sources, archive_url=self.inspector.sources.archive_url)
        async for batch in self.inspector.map(known, work, self.pool):
            inspected.update((each.tenant, each.number) for each in batch)
            suspects = await self.inspector.suspects(batch)
            for inspection in await self.inspector.confirm(suspects):
                if inspection.differences or inspection.changing:
                    yield inspection
            report.cases = len(inspected)
            progress("cases", report.cases, len(known.numbers))
        for tenant, number in known.stored:
            if (tenant, number) in inspected:
                continue
            report.cases += 1
            inspection = await self.inspector.inspect(tenant, number)
            if inspection.differences or inspection.changing:
                yield inspection

    async def _settle(self, report: ReconcileReport, inspection: Inspection) -> None:
        if inspection.changing:
            report.changing.append(inspection.number)
        report.differences += (
            await self._mended(inspection) if self.mend else inspection.differences
        )

    async def _settle_orphans(
        self, report: ReconcileReport, inspected: set[tuple[str, str]]
    ) -> None:
        """Settle rows of cases that are not there, unless the case was just inspected."""
        for orphan in await all_orphans(self.inspector.store):
            if (orphan.tenant, orphan.number) in inspected:
                continue
            inspection = await self.inspector.inspect(orphan.tenant, orphan.number)
            if inspection.expected is not None or inspection.changing:
                await self._settle(report, inspection)
            else:
                store = self.inspector.store
                removed = await store.orphans.remove(orphan) if self.mend else None
                report.differences += orphan_differences(orphan, removed)

    async def _mended(self, first: Inspection) -> Sequence[Difference]:
        """Return the differences, each with what became of it."""
        now = first
        for _ in range(TRIES):
            if now.expected is None or not any(map(self._may_mend, now.differences)):
                break
            try:
                await self.inspector.store.projection.replace(
                    now.tenant, now.number, now.stored, now.expected, entries=self.entries
                )
            except CaseChanged:
                now = await self.inspector.inspect(now.tenant, now.number)
            else:
                now = await self.inspector.inspect(now.tenant, now.number)
                break
        left = {_key(each) for each in now.differences}
        return [
            replace(each, fate=Fate.STAYS if _key(each) in left else Fate.MENDED)
            for each in first.differences
        ]

    def _may_mend(self, difference: Difference) -> bool:
        table, sort = difference.table, difference.sort
        added = table in APPEND_ONLY and sort is Mismatch.MISSING
        return table in DERIVED or added or (self.entries and table == "entries")


def _key(difference: Difference) -> tuple[Mismatch, str, str]:
    return difference.sort, difference.table, difference.key
