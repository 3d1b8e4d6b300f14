"""How a process of ours waits for its end."""

import asyncio
import signal


async def until_stopped(*needed: "asyncio.Task[None]") -> None:
    """Come back at SIGINT or SIGTERM, or when something that it needs has ended by itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopped, *needed}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
