"""How a process of ours hears that it is to stop, from its very start on."""

import asyncio
import signal


class Stop:
    """SIGINT and SIGTERM. Before `wait` they cancel the task that is still starting up."""

    def __init__(self) -> None:
        self._told, self._waiting = asyncio.Event(), False
        self._starting = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._tell)

    async def wait(self, *needed: "asyncio.Task[None]") -> None:
        """Come back when told to stop, or when something that is needed has ended by itself."""
        self._waiting = True
        stopped = asyncio.create_task(self._told.wait())
        try:
            await asyncio.wait({stopped, *needed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()

    def _tell(self) -> None:
        self._told.set()
        if self._starting is not None and not self._waiting:
            self._starting.cancel()
