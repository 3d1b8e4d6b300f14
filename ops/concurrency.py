"""Works through many items without holding or running all of them at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def batched(items: AsyncIterator[T], size: int) -> AsyncIterator[list[T]]:
    """Yield the items in lists of `size`."""
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def gather_bounded(
    work: Callable[[T], Awaitable[R]], items: Iterable[T], at_once: int
) -> list[R]:
    """Return the results of the work on each item, in order; at most `at_once` run together."""
    semaphore = asyncio.Semaphore(at_once)

    async def bounded(item: T) -> R:
        async with semaphore:
            return await work(item)

    tasks = [asyncio.ensure_future(bounded(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
