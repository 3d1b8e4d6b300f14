"""Holding what the store has of a case against what its entries make, also while it moves."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ops.rebuild.differences import Difference, Sort, differences
from ops.rebuild.folding import Folded
from ops.rebuild.pool import fold_part
from ops.rebuild.sources import Sources
from store import Store
from store.archive import Archive, Archived
from store.projection import Rows, none

LOOKS: Final = 6
"""A case that was written between each two of so many looks is left for the next time."""


@dataclass(frozen=True)
class Look:
    """What was found: the rows that are there, those that should be, how they differ.

    `moving`: the case was written all the time, so nothing can be said of it.
    """

    tenant: str
    number: str
    there: Rows
    wanted: Rows | None
    found: Sequence[Difference] = ()
    moving: bool = False


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
        # Temporal may know the case, but nothing of it be recorded yet.
        return found[0] if found else Folded(tenant, number, None)

    async def _archived(self, tenant: str, number: str) -> Archived | None:
        runs = await Archive(self.sources.archive_url).runs(tenant, number)
        return runs[-1] if runs else None


def judge(folded: Folded, there: Rows) -> Look:
    """The difference between a case and its rows."""
    tenant, number = folded.tenant, folded.number
    if folded.wrong:
        broken = Difference(tenant, number, Sort.UNREADABLE, detail=folded.wrong)
        return Look(tenant, number, there, None, [broken])
    wanted = folded.fitting(there)
    found = differences(folded, wanted or none(), there)
    return Look(tenant, number, there, wanted, found)


def unknown(tenant: str, number: str, there: Rows) -> Look:
    """A case of which only the store knows, if it does."""
    why = "neither Temporal nor the archive knows it"
    found = [Difference(tenant, number, Sort.UNKNOWN_CASE, detail=why)] if any_of(there) else []
    return Look(tenant, number, there, None, found)


def any_of(rows: Rows) -> bool:
    """Whether there is anything of the case."""
    return any(rows.values())


def by_tenant(folded: Iterable[Folded]) -> dict[str, dict[str, Rows]]:
    """The rows that are sure, by tenant and number."""
    made: dict[str, dict[str, Rows]] = {}
    for each in folded:
        if each.rows is not None:
            made.setdefault(each.tenant, {})[each.number] = each.rows
    return made
