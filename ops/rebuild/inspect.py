"""Holding what the store has of a case against what its entries make, also while it moves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ops.rebuild.diff import Look, judge, unknown
from ops.rebuild.fold import Folded, Workers, fold_part, work_on, workers
from ops.rebuild.history import Source
from ops.rebuild.sources import Sources
from store import Store
from store.archive import Archive, Archived
from store.cases.orphans import Orphan
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


T = TypeVar("T")

PAGE: Final = 1000
AT_ONCE: Final = 8

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""


def silent(_what: str, _done: int, _of: int) -> None:
    """For whom nobody waits."""


@dataclass
class Known:
    """Every case that anybody knows: those of the store by tenant and number, archived files.

    A number is one case's over all tenants; under another tenant somebody put it by mistake.
    """

    numbers: dict[str, None] = field(default_factory=dict)
    stored: list[tuple[str, str]] = field(default_factory=list)
    archived: dict[str, Archived] = field(default_factory=dict)


async def known_cases(looker: Looker, *, stored: bool = True) -> Known:
    """All cases of the store (if it is to be asked), of Temporal, and of the archive."""
    known, sources = Known(), looker.sources
    tenants = set(await sources.tenants())
    if stored:
        for tenant in await looker.store.projection.tenants():
            tenants.add(tenant)
            known.stored += [(tenant, n) for n in await numbers_of(looker.store, tenant)]
    known.archived = await sources.archived(sorted(tenants))
    known.numbers |= dict.fromkeys(number for _, number in known.stored)
    known.numbers |= dict.fromkeys(known.archived)
    async for number in sources.numbers():
        known.numbers.setdefault(number)
    return known


async def numbers_of(store: Store, tenant: str) -> list[str]:
    """The numbers of all cases of a tenant."""
    found: list[str] = []
    while part := await store.cases.all_numbers(tenant, found[-1] if found else None, PAGE):
        found += part
    return found


async def worked_on(
    looker: Looker,
    known: Known,
    work: Callable[[Sequence[Source]], T],
    by: Workers | None,
) -> AsyncIterator[T]:
    """What comes of the known cases, a part at a time; without workers a thread does it."""
    found = looker.sources.sources(list(known.numbers), known.archived)
    with nullcontext(by) if by else workers(1) as hands:
        async for part in work_on(found, work, hands):
            yield part


async def look_again(looker: Looker, looks: Sequence[Look]) -> list[Look]:
    """What is left of the differences, each case looked at once more for itself."""
    found: list[Look] = []
    for start in range(0, len(looks), AT_ONCE):
        some = looks[start : start + AT_ONCE]
        again = (looker.case(each.tenant, each.number, each.there) for each in some)
        found += await asyncio.gather(*again)
    return found


async def strays_of(store: Store) -> list[Orphan]:
    """Rows of cases that are not there, under whatever tenant."""
    return [
        each for tenant in await store.orphans.tenants() for each in await store.orphans.of(tenant)
    ]
