"""The clocks of a case: how each promise stands."""

from sqlalchemy import select

from domain.read_models.projection import ClockView
from store.cases.tables import clocks
from store.db.corrupt_rows import read_rows
from store.db.session import Sessions


class Clocks:
    """Reads the clock rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(self, tenant: str, number: str) -> list[ClockView]:
        """Return every clock instance of a case, in the order in which they started.

        Raises:
            CorruptRow
        """
        query = select(clocks).where(clocks.c.tenant == tenant, clocks.c.number == number)
        order = (clocks.c.started_at, clocks.c.clock, clocks.c.instance)
        async with self._sessions.reading() as connection:
            return await read_rows(connection, clocks, query.order_by(*order), ClockView)

    async def calendars(self, tenant: str) -> list[str]:
        """Return the calendars by which the clocks count that have not ended, in their order."""
        query = select(clocks.c.calendar).distinct().order_by(clocks.c.calendar)
        query = query.where(clocks.c.tenant == tenant, clocks.c.ended_at.is_(None))
        async with self._sessions.reading() as connection:
            return [*(await connection.execute(query)).scalars()]
