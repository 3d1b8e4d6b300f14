"""All cases that anybody knows, folded many at a time; what differs is looked at again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ops.rebuild.folding import Folded
from ops.rebuild.judging import Look
from ops.rebuild.looking import Looker
from ops.rebuild.pool import fold_all
from store import Store
from store.archive import Archived

PAGE: Final = 1000
AT_ONCE: Final = 8

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and of how much."""


def silent(_what: str, _done: int, _of: int) -> None:
    """For whom nobody waits."""


@dataclass
class Known:
    """Every case that anybody knows: its tenant where the store says it, and its archived file."""

    tenants: dict[str, str | None] = field(default_factory=dict)
    archived: dict[str, Archived] = field(default_factory=dict)


async def known_cases(looker: Looker, *, stored: bool = True) -> Known:
    """All cases of the store (if it is to be asked), of Temporal, and of the archive."""
    known, sources = Known(), looker.sources
    tenants = set(await sources.tenants())
    if stored:
        for tenant in await looker.store.projection.tenants():
            tenants.add(tenant)
            known.tenants |= dict.fromkeys(await numbers_of(looker.store, tenant), tenant)
    known.archived = await sources.archived(sorted(tenants))
    known.tenants |= {n: each.tenant for n, each in known.archived.items()}
    async for number in sources.numbers():
        known.tenants.setdefault(number, None)
    return known


async def numbers_of(store: Store, tenant: str) -> list[str]:
    """The numbers of all cases of a tenant."""
    found: list[str] = []
    while part := await store.cases.all_numbers(tenant, found[-1] if found else None, PAGE):
        found += part
    return found


async def folded_cases(
    looker: Looker, known: Known, processes: int | None
) -> AsyncIterator[list[Folded]]:
    """The known cases as their histories make them, a part at a time."""
    numbers = list(known.tenants)
    found = looker.sources.sources(numbers, known.archived)
    async for part in fold_all(found, looker.sources.archive_url, len(numbers), processes):
        yield part


async def look_again(looker: Looker, looks: Sequence[Look]) -> list[Look]:
    """What is left of the differences, each case looked at once more for itself."""
    found: list[Look] = []
    for start in range(0, len(looks), AT_ONCE):
        some = looks[start : start + AT_ONCE]
        again = (looker.case(each.tenant, each.number, each.there) for each in some)
        found += await asyncio.gather(*again)
    return found


def missing(known: Mapping[str, str | None], seen: set[str]) -> list[tuple[str, str]]:
    """Cases of the store, by tenant and number, of which nothing was told."""
    return [(tenant, n) for n, tenant in known.items() if tenant and n not in seen]
