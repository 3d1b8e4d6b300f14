"""Verifies every case's entries: the chain must hold, and be the one that the audit log has."""

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
from ops.audit.log_verify import is_count, is_text
from ops.findings import Finding
from ops.worker_pool import START_METHOD, process_pool
from runtime.message import Message
from store import Store
from store.cases.entry_hashes import NumberRange
from store.cases.records import CaseHashes, HashedEntry

NO_HASHES: Mapping[int, str] = MappingProxyType({})
NUMBER = attrgetter("number")
POOL_FROM: Final = 50_000
"""Below so many entries, one process is done before the others have started."""
STRETCH: Final = 5_000
GC_THRESHOLDS: Final = (20_000, 50, 50)
"""Rows come by thousands and never form reference cycles, so they are rarely collected."""


@dataclass(frozen=True)
class StretchReport:
    """The result for one stretch of cases."""

    entries: int
    unsealed: int
    findings: list[Finding]


@dataclass(frozen=True)
class VerifyPool:
    """Processes that verify cases beside this one, once there are at least `used_from` entries."""

    executor: ProcessPoolExecutor
    number: int
    used_from: int = POOL_FROM


@contextmanager
def verify_pool(
    url: str, number: int | None = None, *, used_from: int = POOL_FROM, method: str = START_METHOD
) -> Iterator[VerifyPool | None]:
    """Run further processes while the context lasts; yield None on a single processor.

    Enter it before anything that starts threads: a fork does not take them along.

    Args:
        url: the store that they verify.
        number: how many, beside this one; None is one for each other processor.
        used_from: the number of entries from which they get any work.
        method: how they are started.
    """
    processes = (os.cpu_count() or 1) - 1 if number is None else number
    if not processes:
        yield None
        return
    with process_pool(processes, _open_process, url, method=method) as executor:
        yield VerifyPool(executor, processes, used_from)


async def verify_cases(
    store: Store, tenant: str, pool: VerifyPool | None = None
) -> AsyncIterator[tuple[StretchReport, int]]:
    """Verify all cases of a tenant, a stretch at a time.

    Yields:
        Each stretch's report, and how many entries there are in all.
    """
    stretches = await store.entry_hashes.ranges(tenant, STRETCH)
    total = sum(count for _, count in stretches)
    verifiers: list[_VerifyStretch] = [partial(verify_stretch, store, tenant)]
    if pool and total >= pool.used_from:
        # Each process has a second stretch queued, so that none waits for this one.
        verifiers += [partial(_verify_in_pool, pool.executor, tenant)] * 2 * pool.number
    async for report in _shared([stretch for stretch, _ in stretches], verifiers):
        yield report, total


async def verify_stretch(store: Store, tenant: str, stretch: NumberRange) -> StretchReport:
    """Read a stretch of cases and verify it."""
    part = await store.entry_hashes.read(tenant, stretch)
    sealed = sum(entry.seq in part.sealed.get(entry.number, NO_HASHES) for entry in part.entries)
    findings = list(case_findings(tenant, part))
    return StretchReport(len(part.entries), len(part.entries) - sealed, findings)


def case_findings(tenant: str, part: CaseHashes) -> Iterator[Finding]:
    """Yield a finding for the first bad entry of each case that has one."""
    without_entries = dict.fromkeys([*part.last, *part.sealed, *part.waiting])
    for number, entries in groupby(part.entries, NUMBER):
        without_entries.pop(number, None)
        # A sealed hash came first; a row that waits under the same name does not override it.
        sealed, waiting = part.sealed.get(number, NO_HASHES), part.waiting.get(number, NO_HASHES)
        last = part.last.get(number)
        if finding := _case_finding(tenant, number, list(entries), {**waiting, **sealed}, last):
            yield finding
    for number in without_entries:
        yield Finding("entry_missing", Message("none of its entries is there"), str(number), 1)


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Collect garbage rarely while the context lasts: it would take a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _case_finding(
    tenant: str,
    number: str,
    entries: Sequence[HashedEntry],
    logged: Mapping[int, str],
    last: int | None,
) -> Finding | None:
    if not is_text(number):
        return Finding("entry_unknown", Message("its number is no text"), repr(number), 1)
    prev = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or logged.get(seq) != entry.hash or entry.prev != prev:
            return Finding(*_wrong_entry(entry, seq, logged.get(seq)), number, seq)
        prev = entry.hash
    return _missing_at_end(number, len(entries), logged, last)


def _wrong_entry(entry: HashedEntry, seq: int, logged: str | None) -> tuple[str, str]:
    if entry.seq != seq:
        return "entry_missing", Message("it is not there, but later ones are")
    if logged is None:
        return "entry_unknown", Message("the audit log does not know it")
    if logged != entry.hash:
        return "entry_edited", Message("it is not what was recorded")
    return "chain_broken", Message("it does not follow from the entry before it")


def _missing_at_end(
    number: str, count: int, logged: Mapping[int, str], last: int | None
) -> Finding | None:
    """Return a finding if anything is missing after the last entry."""
    if len(logged) > count:
        return Finding("entry_missing", Message("the audit log knows it"), number, count + 1)
    if last is None:
        return Finding("case_missing", Message("its entries are there, its row is not"), number)
    if not is_count(last) or last > count:
        return Finding(
            "entry_missing",
            Message("the case's row counts %(last)s", last=f"{last!r}"),
            number,
            count + 1,
        )
    return None


_VerifyStretch = Callable[[NumberRange], Awaitable[StretchReport]]


async def _shared(
    stretches: list[NumberRange], verifiers: list[_VerifyStretch]
) -> AsyncIterator[StretchReport]:
    """Verify all stretches, each by whichever verifier is free."""
    free: asyncio.Queue[_VerifyStretch] = asyncio.Queue()
    for verifier in verifiers:
        free.put_nowait(verifier)

    async def verify(stretch: NumberRange) -> StretchReport:
        verifier = await free.get()
        try:
            return await verifier(stretch)
        finally:
            free.put_nowait(verifier)

    tasks = [asyncio.ensure_future(verify(stretch)) for stretch in stretches]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()


async def _verify_in_pool(
    executor: ProcessPoolExecutor, tenant: str, stretch: NumberRange
) -> StretchReport:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, _verify_in_process, tenant, stretch)


class _Process:
    """The event loop and the store of one pool process."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.store = self.runner.run(Store.open(url))


_process: _Process | None = None


def _open_process(url: str) -> None:
    global _process  # noqa: PLW0603 — the pool has no other place for what a process keeps
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    _process = _Process(url)


def _verify_in_process(tenant: str, stretch: NumberRange) -> StretchReport:
    if _process is None:
        raise RuntimeError("the process was not opened")
    return _process.runner.run(verify_stretch(_process.store, tenant, stretch))
