"""Reads of many callers made one: what they ask for at about the same time is one query."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Generic, TypeVar

GATHER_SECONDS: Final = 0.01

K = TypeVar("K")
V = TypeVar("V")


class Gathered(Generic[K, V]):
    """Reads values by key. Each caller gets what was read after they asked."""

    def __init__(self, read: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._reading = set[asyncio.Task[None]]()

    async def get(self, key: K) -> V | None:
        """Return the value; None if there is none.

        Raises:
            Exception: what reading raises.
        """
        if not self._waiting:
            task = asyncio.create_task(self._gather())
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        # One who does not wait any longer does not end the wait of the others.
        return await asyncio.shield(self._waiting[key])

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        waiting, self._waiting = self._waiting, {}
        try:
            values = await self._read(list(waiting))
        except Exception as error:  # noqa: BLE001 — whoever waits is told
            for future in waiting.values():
                future.set_exception(error)
                future.exception()  # nobody may be left to be told
        else:
            for key, future in waiting.items():
                future.set_result(values.get(key))
