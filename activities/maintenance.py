"""Chores: what the worker does to the whole system when a schedule asks for it."""

from collections.abc import Awaitable, Callable, Mapping

from pydantic import JsonValue
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.heartbeat import heartbeats

Chore = Callable[[], Awaitable[dict[str, JsonValue]]]
HEARTBEAT_SECONDS = 15.0


class ChoreActivity:
    """The activity `chore`, given this worker's chores by name; each may be repeated."""

    def __init__(self, chores: Mapping[str, Chore]) -> None:
        self._chores = chores

    @activity.defn(name="chore")
    async def chore(self, name: str) -> dict[str, JsonValue]:
        """Do a chore and return its report.

        Raises:
            ApplicationError: this worker knows no such chore; another one may.
        """
        if name not in self._chores:
            raise ApplicationError(f"There is no chore {name}.", type="UnknownChore")
        async with heartbeats(HEARTBEAT_SECONDS):
            return await self._chores[name]()
