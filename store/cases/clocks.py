"""Clocks: how each promise of a case stands, and how many of a kind stand how."""

from sqlalchemy import func, select

from domain.read_models.projection import ClockView
from store.cases.records import ClockCount
from store.cases.tables import clocks
from store.db.corrupt_rows import sound
from store.db.session import Sessions


class Clocks:
    """Reads the clock rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(self, tenant: str, number: str) -> list[ClockView]:
        """All clocks of a case, each instance for itself, in the order in which they started.

        Raises:
            Unreadable: a row was spoilt.
        """
        wanted = select(clocks).where(clocks.c.tenant == tenant, clocks.c.number == number)
        order = (clocks.c.started_at, clocks.c.clock, clocks.c.instance)
        async with self._sessions.reading() as connection:
            return await sound(connection, clocks, wanted.order_by(*order), ClockView)

    async def counts(self, tenant: str) -> list[ClockCount]:
        """How many clocks of each name are in each state."""
        columns = (clocks.c.clock, clocks.c.state)
        wanted = select(*columns, func.count()).where(clocks.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.group_by(*columns).order_by(*columns))
            return [ClockCount(*row) for row in rows]
