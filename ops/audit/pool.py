"""Looking at many cases in several processes, since hashing keeps one processor busy."""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from ops.audit.chains import Looked, look
from store import Store
from store.chains import Stretch

WORTH_IT: Final = 50_000
"""So many entries take a second or two; starting processes for fewer does not pay."""
STRETCH: Final = 5_000

_own: "_Process | None" = None


class _Process:
    """What one of the processes keeps: its loop and its store."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.store = self.runner.run(Store.open(url))


async def look_at_all(
    store: Store, url: str, tenant: str, processes: int | None = None
) -> AsyncIterator[tuple[Looked, int]]:
    """All cases, a stretch at a time, and how many entries there should be in all.

    Args:
        store: where they are.
        url: the same store, for the other processes.
        tenant: whose.
        processes: how many; None is as many as there are processors, if it is worth it.
    """
    stretches = await store.chains.stretches(tenant, STRETCH)
    total = sum(count for _, count in stretches)
    parts = [stretch for stretch, _ in stretches]
    wanted = processes or ((os.cpu_count() or 1) if total >= WORTH_IT else 1)
    if wanted == 1:
        for part in parts:
            yield await look(store, tenant, part), total
        return
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(wanted, get_context("spawn"), _open, (url,)) as pool:
        asked = [loop.run_in_executor(pool, _look, tenant, part) for part in parts]
        for done in asyncio.as_completed(asked):
            yield await done, total


def _open(url: str) -> None:
    global _own  # noqa: PLW0603 — the pool has no other place for what a process keeps
    _own = _Process(url)


def _look(tenant: str, stretch: Stretch) -> Looked:
    if _own is None:
        raise RuntimeError("the process was not opened")
    return _own.runner.run(look(_own.store, tenant, stretch))
