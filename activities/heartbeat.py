"""Heartbeats of an activity that takes long, so that Temporal notices when its worker dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity


@asynccontextmanager
async def heartbeats(every: float) -> AsyncIterator[None]:
    """Send a heartbeat every so many seconds for as long as this lasts."""
    beating = asyncio.create_task(_beat(every))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(every: float) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(every)
