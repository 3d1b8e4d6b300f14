"""Chores: what the worker does to the whole system when a schedule asks for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from pydantic import JsonValue
from temporalio import activity
from temporalio.exceptions import ApplicationError

Chore = Callable[[], Awaitable[dict[str, JsonValue]]]
BEAT = 15.0
"""Seconds between two signs of life."""


class Maintaining:
    """The activity `chore`, given what this worker can do, by name; each may be done again."""

    def __init__(self, chores: Mapping[str, Chore]) -> None:
        self._chores = chores

    @activity.defn(name="chore")
    async def chore(self, name: str) -> dict[str, JsonValue]:
        """Do it; its report.

        Raises:
            ApplicationError: this worker knows no such chore; another one may.
        """
        if name not in self._chores:
            raise ApplicationError(f"There is no chore {name}.", type="UnknownChore")
        beating = asyncio.create_task(_beat())
        try:
            return await self._chores[name]()
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
