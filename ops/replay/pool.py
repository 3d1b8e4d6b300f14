"""Replays many histories in several processes, since workflow code keeps one processor busy."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from typing import Final

from ops.replay.history import Kept
from ops.replay.running import replay
from ops.replay.verdicts import Verdict

PART: Final = 25
"""So many histories go to a process at a time: its replayer is made anew for each part."""
WORTH_IT: Final = 100
"""A process takes two seconds to be ready; for fewer histories it does not pay."""


async def replay_all(
    kept: AsyncIterator[Kept], processes: int | None = None
) -> AsyncIterator[Verdict]:
    """The verdicts, as they come; at most a few parts of the histories are held at a time.

    Args:
        kept: the histories.
        processes: how many; None is as many as there are processors, if it is worth it.
    """
    parts = _parts(kept)
    first = [part async for part in _some(parts, WORTH_IT // PART)]
    wanted = processes or ((os.cpu_count() or 1) if len(first) * PART >= WORTH_IT else 1)
    if wanted == 1:
        async for part in _chained(first, parts):
            for verdict in await replay(part):
                yield verdict
        return
    async for verdict in _in_processes(_chained(first, parts), wanted):
        yield verdict


async def _in_processes(parts: AsyncIterator[list[Kept]], processes: int) -> AsyncIterator[Verdict]:
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[list[Verdict]]] = set()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        async for part in parts:
            waiting.add(asyncio.ensure_future(loop.run_in_executor(pool, _replay, part)))
            if len(waiting) > 2 * processes:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for verdict in _of(done):
                    yield verdict
        if waiting:
            done, _ = await asyncio.wait(waiting)
            for verdict in _of(done):
                yield verdict


def _of(done: Iterable[asyncio.Future[list[Verdict]]]) -> Iterator[Verdict]:
    return chain.from_iterable(each.result() for each in done)


def _replay(part: list[Kept]) -> list[Verdict]:
    return asyncio.run(replay(part))


async def _parts(kept: AsyncIterator[Kept]) -> AsyncIterator[list[Kept]]:
    part: list[Kept] = []
    async for each in kept:
        part.append(each)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


async def _some(parts: AsyncIterator[list[Kept]], most: int) -> AsyncIterator[list[Kept]]:
    """The first few; the rest stays to be read."""
    while most > 0 and (part := await anext(parts, None)) is not None:
        most -= 1
        yield part


async def _chained(
    first: list[list[Kept]], rest: AsyncIterator[list[Kept]]
) -> AsyncIterator[list[Kept]]:
    for part in first:
        yield part
    async for part in rest:
        yield part
