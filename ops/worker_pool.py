"""Pools of processes that have this one's code loaded, and work that is shared out to them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

START_METHOD: Final = "fork" if sys.platform == "linux" else "spawn"
"""A fork has everything imported; elsewhere a system's own libraries may not outlive one."""
AHEAD: Final = 3
"""So many batches for each worker are held at most."""


@dataclass(frozen=True)
class WorkerPool:
    """An executor, and how many workers it has."""

    executor: Executor
    size: int


@contextmanager
def worker_pool(size: int | None, initializer: Callable[[], object]) -> Iterator[WorkerPool]:
    """Yield a pool of processes, one for each processor if no size is given.

    Enter it before anything that starts threads: they are not copied by a fork.
    """
    size = size or os.cpu_count() or 1
    with process_pool(size, initializer) as executor:
        yield WorkerPool(executor, size)


@contextmanager
def process_pool(
    size: int,
    initializer: Callable[..., object],
    *arguments: object,
    method: str = START_METHOD,
) -> Iterator[ProcessPoolExecutor]:
    """Yield an executor with so many processes.

    Enter it before anything that starts threads: they are not copied by a fork.

    Args:
        size: how many processes.
        initializer: what each does first.
        arguments: what the initializer is called with.
        method: how processes are started.
    """
    executor = ProcessPoolExecutor(size, get_context(method), _initialize, (initializer, arguments))
    executor.submit(int)  # all of them are forked now
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _initialize(initializer: Callable[..., object], arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and ends them
    initializer(*arguments)


async def map_batches(
    pool: WorkerPool, work: Callable[[list[T]], R], items: AsyncIterator[T], size: int
) -> AsyncIterator[R]:
    """Yield the result of `work` for each batch of so many items, as the results come.

    Only a few batches are held at a time, however many items there are.

    Raises:
        BrokenProcessPool: a process died.
    """
    loop = asyncio.get_running_loop()
    waiting: set[asyncio.Future[R]] = set()
    async for batch in batched(items, size):
        waiting.add(loop.run_in_executor(pool.executor, work, batch))
        if len(waiting) >= AHEAD * pool.size:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                yield each.result()
    for coming in asyncio.as_completed(waiting):
        yield await coming


async def batched(items: AsyncIterator[T], size: int) -> AsyncIterator[list[T]]:
    """Yield the items in lists of so many; the last list may be shorter."""
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
