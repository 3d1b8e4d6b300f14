"""Does each case's history hang together, and is it what the ledger says? Pure but for the read."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from domain.engine.chain import genesis
from ops.findings import Finding, is_count, is_text
from ops.worker_pool import METHOD, forked
from store import Store
from store.audit.records import Hashed, Part
from store.cases.entry_hashes import Stretch

NO_BASELINE: Mapping[int, str] = MappingProxyType({})
NUMBER = attrgetter("number")


@dataclass(frozen=True)
class StretchReport:
    """A stretch of cases that was looked at."""

    entries: int
    unsealed: int
    findings: list[Finding]


async def verify_stretch(store: Store, tenant: str, stretch: Stretch) -> StretchReport:
    """Read a stretch of cases and say what is wrong with it."""
    part = await store.entry_hashes.part(tenant, stretch)
    sealed = sum(each.seq in part.sealed.get(each.number, NO_BASELINE) for each in part.entries)
    return StretchReport(
        len(part.entries), len(part.entries) - sealed, list(findings(tenant, part))
    )


def findings(tenant: str, part: Part) -> Iterator[Finding]:
    """The first bad entry of each case that has one."""
    unseen = dict.fromkeys([*part.last, *part.sealed, *part.waiting])
    for number, found in groupby(part.entries, NUMBER):
        unseen.pop(number, None)
        # What is sealed came first; a row that waits under the same name says nothing more.
        told = {**part.waiting.get(number, NO_BASELINE), **part.sealed.get(number, NO_BASELINE)}
        if finding := _case(tenant, number, list(found), told, part.last.get(number)):
            yield finding
    for number in unseen:
        yield Finding("entry_missing", "none of its entries is there", str(number), 1)


def _case(
    tenant: str, number: str, entries: Sequence[Hashed], told: Mapping[int, str], last: int | None
) -> Finding | None:
    if not is_text(number):
        return Finding("entry_unknown", "its number is no text", repr(number), 1)
    wanted = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or told.get(seq) != entry.hash or entry.prev != wanted:
            return Finding(*_wrong(entry, seq, told.get(seq)), number, seq)
        wanted = entry.hash
    return _end(number, len(entries), told, last)


def _wrong(entry: Hashed, seq: int, told: str | None) -> tuple[str, str]:
    if entry.seq != seq:
        return "entry_missing", "it is not there, but later ones are"
    if told is None:
        return "entry_unknown", "the ledger does not know it"
    if told != entry.hash:
        return "entry_edited", "it is not what was recorded"
    return "chain_broken", "it does not follow from the entry before it"


def _end(number: str, count: int, told: Mapping[int, str], last: int | None) -> Finding | None:
    """Whether anything is missing behind the last entry."""
    if len(told) > count:
        return Finding("entry_missing", "the ledger knows it", number, count + 1)
    if last is None:
        return Finding("case_missing", "its entries are there, its row is not", number)
    if not is_count(last) or last > count:
        return Finding("entry_missing", f"the case's row counts {last!r}", number, count + 1)
    return None


WORTH_IT: Final = 50_000
"""Fewer entries than this are looked at before the others have come to life."""
STRETCH: Final = 5_000
SELDOM: Final = (20_000, 50, 50)
"""How often what refers to itself is collected: rows come by thousands, and none of them does."""

_own: "_Process | None" = None
_Look = Callable[[Stretch], Awaitable[StretchReport]]


class _Process:
    """What one of the other processes keeps: its loop and its store."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.store = self.runner.run(Store.open(url))


@dataclass(frozen=True)
class VerifyPool:
    """Processes that look at cases beside this one, once there are so many entries."""

    pool: ProcessPoolExecutor
    number: int
    worth_it: int = WORTH_IT


@contextmanager
def verify_pool(
    url: str, number: int | None = None, *, worth_it: int = WORTH_IT, method: str = METHOD
) -> Iterator[VerifyPool | None]:
    """Other processes, for as long as this lasts; none, if there is but one processor.

    Begin before anything that starts threads: they do not come along in a fork.

    Args:
        url: the store that they look at.
        number: how many, beside this one; None is one for each other processor.
        worth_it: how many entries there are at least before they are given any work.
        method: how they begin.
    """
    wanted = (os.cpu_count() or 1) - 1 if number is None else number
    if not wanted:
        yield None
        return
    with forked(wanted, _open, url, method=method) as pool:
        yield VerifyPool(pool, wanted, worth_it)


async def verify_cases(
    store: Store, tenant: str, beside: VerifyPool | None = None
) -> AsyncIterator[tuple[StretchReport, int]]:
    """All cases, a stretch at a time, and how many entries there should be in all.

    Args:
        store: where they are.
        tenant: whose.
        beside: other processes, which look at the same store.
    """
    stretches = await store.entry_hashes.stretches(tenant, STRETCH)
    total = sum(count for _, count in stretches)
    looks: list[_Look] = [partial(verify_stretch, store, tenant)]
    if beside and total >= beside.worth_it:
        # Each has one more to go on with, so that none waits for us.
        looks += [partial(_elsewhere, beside.pool, tenant)] * 2 * beside.number
    async for looked in _shared([stretch for stretch, _ in stretches], looks):
        yield looked, total


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """For as long as this lasts, a third of the time is not spent on looking for garbage."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def _shared(parts: list[Stretch], looks: list[_Look]) -> AsyncIterator[StretchReport]:
    """All parts, each looked at by whoever is free."""
    free: asyncio.Queue[_Look] = asyncio.Queue()
    for each in looks:
        free.put_nowait(each)

    async def one(part: Stretch) -> StretchReport:
        look_at = await free.get()
        try:
            return await look_at(part)
        finally:
            free.put_nowait(look_at)

    asked = [asyncio.ensure_future(one(part)) for part in parts]
    try:
        for done in asyncio.as_completed(asked):
            yield await done
    finally:
        for task in asked:
            task.cancel()


async def _elsewhere(pool: ProcessPoolExecutor, tenant: str, part: Stretch) -> StretchReport:
    return await asyncio.get_running_loop().run_in_executor(pool, _look, tenant, part)


def _open(url: str) -> None:
    global _own  # noqa: PLW0603 — the pool has no other place for what a process keeps
    gc.freeze()
    gc.set_threshold(*SELDOM)
    _own = _Process(url)


def _look(tenant: str, stretch: Stretch) -> StretchReport:
    if _own is None:
        raise RuntimeError("the process was not opened")
    return _own.runner.run(verify_stretch(_own.store, tenant, stretch))
