"""Holding what the store has of a case against what its entries make, also while it moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.rebuild.folding import Folded
from ops.rebuild.judging import Look, judge, unknown
from ops.rebuild.pool import fold_part
from ops.rebuild.sources import Sources
from store import Store
from store.archive import Archive, Archived
from store.projection import Rows, none

LOOKS: Final = 6
"""A case that was written between each two of so many looks is left for the next time."""


@dataclass(frozen=True)
class Looker:
    """A store, and where its cases come from."""

    sources: Sources
    store: Store

    async def part(self, folded: Sequence[Folded]) -> list[Look]:
        """What is wrong with some cases, at first sight: some may just have moved."""
        there: dict[str, Rows] = {}
        for tenant in {each.tenant for each in folded}:
            numbers = [each.number for each in folded if each.tenant == tenant]
            there |= await self.store.projection.rows(tenant, numbers)
        looks = (judge(each, there.get(each.number, none())) for each in folded)
        return [look for look in looks if look.found]

    async def case(self, tenant: str, number: str, before: Rows | None = None) -> Look:
        """What is wrong with one case for sure.

        Rows that were there before its history was fetched, and still are, must be in it.
        """
        look = Look(tenant, number, none(), None)
        for _ in range(LOOKS):
            folded = await self._fold(tenant, number)
            there = (await self.store.projection.rows(tenant, [number])).get(number, none())
            look = judge(folded, there) if folded else unknown(tenant, number, there)
            if not look.found or there == before:
                return look
            before = there
        return Look(tenant, number, look.there, None, moving=True)

    async def _fold(self, tenant: str, number: str) -> Folded | None:
        source = await self.sources.fetch(number) or await self._archived(tenant, number)
        if source is None:
            return None
        found = await asyncio.to_thread(fold_part, [source], self.sources.archive_url)
        if found and found[0].tenant != tenant:
            return None
        # Temporal may know the case, but nothing of it be recorded yet.
        return found[0] if found else Folded(tenant, number, None)

    async def _archived(self, tenant: str, number: str) -> Archived | None:
        runs = await Archive(self.sources.archive_url).runs(tenant, number)
        return runs[-1] if runs else None
