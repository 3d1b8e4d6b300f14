"""Waiting for something that another process brings about, with a bound."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Ask until it is true.

    Raises:
        TimeoutError: it did not become true in time.
    """
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 — what is awaited happens in another process
            await asyncio.sleep(0.02)
