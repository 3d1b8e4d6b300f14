"""Waits until something holds that another process brings about, for a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until `true()` returns true, asking again and again.

    Raises:
        TimeoutError: it did not become true in time.
    """
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 — what is awaited happens in another process
            await asyncio.sleep(0.02)
