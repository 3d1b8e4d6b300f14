"""All cases that anybody knows, folded many at a time; what differs is looked at again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ops.rebuild.judging import Look
from ops.rebuild.looking import Looker
from ops.rebuild.pool import work_on
from ops.rebuild.told import Source
from ops.rebuild.workers import Workers, workers
from store import Store
from store.archive import Archived
from store.records import Stray

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


async def strays_of(store: Store) -> list[Stray]:
    """Rows of cases that are not there, under whatever tenant."""
    return [
        each for tenant in await store.strays.tenants() for each in await store.strays.of(tenant)
    ]
