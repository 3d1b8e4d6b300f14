"""Inspects what a store has of its cases, also while they are written."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ops.rebuild.diff import Inspection, inspect_case, inspect_unknown
from ops.rebuild.fold import FoldedCase, fold_pool, fold_sources
from ops.rebuild.sources import Source, Sources
from ops.worker_pool import WorkerPool, map_batches
from store import Store
from store.archive import ArchivedFile
from store.orphans import Orphan
from store.projection import Rows, no_rows

T = TypeVar("T")

ATTEMPTS: Final = 6
"""A case that was written between each two of so many attempts is left for the next time."""
BATCH_SIZE: Final = 50
"""So many cases are folded, and then written, at a time."""
PAGE: Final = 1000
CONCURRENCY: Final = 8

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass
class KnownCases:
    """Every case that anybody knows: those of the store by tenant and number, archived files.

    A number is one case's over all tenants; under another tenant somebody put it by mistake.
    """

    numbers: dict[str, None] = field(default_factory=dict)
    stored: list[tuple[str, str]] = field(default_factory=list)
    archived: dict[str, ArchivedFile] = field(default_factory=dict)


@dataclass(frozen=True)
class Inspector:
    """Inspects the cases of a store, by the sources of their entries."""

    sources: Sources
    store: Store

    async def known_cases(self, *, stored: bool = True) -> KnownCases:
        """Return all cases of the store (if it is to be read), of Temporal, and of the archive."""
        known = KnownCases()
        tenants = set(await self.sources.archived_tenants())
        if stored:
            for tenant in await self.store.projection.tenants():
                tenants.add(tenant)
                known.stored += [(tenant, n) for n in await case_numbers(self.store, tenant)]
        known.archived = await self.sources.archived(sorted(tenants))
        known.numbers |= dict.fromkeys(number for _, number in known.stored)
        known.numbers |= dict.fromkeys(known.archived)
        async for number in self.sources.numbers():
            known.numbers.setdefault(number)
        return known

    async def map(
        self, known: KnownCases, work: Callable[[Sequence[Source]], T], pool: WorkerPool | None
    ) -> AsyncIterator[T]:
        """Yield the result of `work` for each batch of known cases; without a pool in a thread."""
        sources = self.sources.fetch_all(list(known.numbers), known.archived)
        with nullcontext(pool) if pool else fold_pool(1) as workers:
            async for result in map_batches(workers, work, sources, BATCH_SIZE):
                yield result

    async def suspects(self, folded: Sequence[FoldedCase]) -> list[Inspection]:
        """Return the cases that differ at first sight; some may have been written meanwhile."""
        stored: dict[str, Rows] = {}
        for tenant in {each.tenant for each in folded}:
            numbers = [each.number for each in folded if each.tenant == tenant]
            stored |= await self.store.projection.rows(tenant, numbers)
        inspections = (inspect_case(each, stored.get(each.number, no_rows())) for each in folded)
        return [each for each in inspections if each.differences]

    async def confirm(self, suspects: Sequence[Inspection]) -> list[Inspection]:
        """Return what is left of the differences when each case is inspected again by itself."""
        confirmed: list[Inspection] = []
        for start in range(0, len(suspects), CONCURRENCY):
            some = suspects[start : start + CONCURRENCY]
            again = (self.inspect(each.tenant, each.number, each.stored) for each in some)
            confirmed += await asyncio.gather(*again)
        return confirmed

    async def inspect(self, tenant: str, number: str, before: Rows | None = None) -> Inspection:
        """Return the differences of one case for sure.

        Rows that were there before its history was fetched, and still are, must be in it.
        """
        stored = no_rows()
        for _ in range(ATTEMPTS):
            folded = await self._fold(tenant, number)
            stored = (await self.store.projection.rows(tenant, [number])).get(number, no_rows())
            inspection = (
                inspect_case(folded, stored) if folded else inspect_unknown(tenant, number, stored)
            )
            if not inspection.differences or stored == before:
                return inspection
            before = stored
        return Inspection(tenant, number, stored, None, changing=True)

    async def _fold(self, tenant: str, number: str) -> FoldedCase | None:
        source = await self.sources.fetch(number) or await self.sources.newest_archived(
            tenant, number
        )
        if source is None:
            return None
        folded = await asyncio.to_thread(fold_sources, [source], self.sources.archive_url)
        if folded and folded[0].tenant != tenant:
            return None
        # Temporal may know the case, but nothing of it be recorded yet.
        return folded[0] if folded else FoldedCase(tenant, number, None)


async def case_numbers(store: Store, tenant: str) -> list[str]:
    """Return the numbers of all cases of a tenant."""
    numbers: list[str] = []
    while page := await store.cases.all_numbers(tenant, numbers[-1] if numbers else None, PAGE):
        numbers += page
    return numbers


async def all_orphans(store: Store) -> list[Orphan]:
    """Rows of cases that are not there, under whatever tenant."""
    tenants = await store.orphans.tenants()
    return [each for tenant in tenants for each in await store.orphans.of(tenant)]
