"""Replays many histories in several processes, since workflow code keeps one processor busy."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Final

from ops.forking import forked
from ops.replay.history import Kept
from ops.replay.running import replay
from ops.replay.verdicts import Verdict

PART: Final = 10
"""So many histories go to a process at a time."""
AHEAD: Final = 3
"""So many parts for each process are held at most."""
LONGEST = 30
"""Seconds, a thousand times what a history takes: code that needs more comes to no end."""


class Endless(RuntimeError):
    """Today's code comes to no end."""


@dataclass(frozen=True)
class Processes:
    """So many processes that replay."""

    pool: ProcessPoolExecutor
    number: int


@contextmanager
def processes(number: int | None = None) -> Iterator[Processes]:
    """Processes that replay, one for each processor if no number is given.

    Begin it before anything that starts threads: they do not come along in a fork.
    """
    number = number or os.cpu_count() or 1
    with forked(number, _begin) as pool:
        yield Processes(pool, number)


async def replay_all(kept: AsyncIterator[Kept], by: Processes) -> AsyncIterator[Verdict]:
    """The verdicts, as they come; only a few parts of the histories are held at a time.

    Raises:
        BrokenProcessPool: a process died.
    """
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[list[Verdict]]] = set()
    async for part in _parts(kept):
        waiting.add(asyncio.ensure_future(loop.run_in_executor(by.pool, _replay, part)))
        if len(waiting) >= AHEAD * by.number:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for verdict in _of(done):
                yield verdict
    for each in asyncio.as_completed(waiting):
        for verdict in await each:
            yield verdict


def _of(done: Iterable[asyncio.Future[list[Verdict]]]) -> Iterator[Verdict]:
    return chain.from_iterable(each.result() for each in done)


async def _parts(kept: AsyncIterator[Kept]) -> AsyncIterator[list[Kept]]:
    part: list[Kept] = []
    async for each in kept:
        part.append(each)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


def _begin() -> None:
    signal.signal(signal.SIGALRM, _give_up)


def _replay(part: list[Kept]) -> list[Verdict]:
    try:
        return asyncio.run(replay(part, lambda: signal.alarm(LONGEST)))
    finally:
        signal.alarm(0)


def _give_up(*_: object) -> None:
    raise Endless(f"today's code has not come to an end after {LONGEST} s")
