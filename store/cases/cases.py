"""The rows of cases, as lists and reports show them."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from domain.read_models.projection import CaseView
from store.cases.filters import case_conditions, within_reach
from store.cases.records import CaseFilter, Reach
from store.cases.tables import cases
from store.db.corrupt_rows import read_page, read_rows
from store.db.pages import Cursor, Page, is_beyond
from store.db.session import Sessions


class Cases:
    """Reads the case rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, number: str) -> CaseView | None:
        """Return the row of a case, or None if nothing is recorded of it.

        Raises:
            CorruptRow
        """
        query = select(cases).where(cases.c.tenant == tenant, cases.c.number == number)
        async with self._sessions.reading() as connection:
            rows = await read_rows(connection, cases, query, CaseView)
        return rows[0] if rows else None

    async def page(
        self,
        tenant: str,
        case_filter: CaseFilter,
        after: Cursor | None,
        limit: int,
        reach: Reach | None = None,
    ) -> Page[CaseView]:
        """Return cases, newest received first; `after` is the `next` of the page before."""
        key = tuple_(cases.c.received_at, cases.c.number)
        query = select(cases).where(
            cases.c.tenant == tenant, *case_conditions(case_filter), within_reach(cases, reach)
        )
        if after is not None:
            query = query.where(key < (datetime.fromisoformat(after[0]), after[1]))
        query = query.order_by(cases.c.received_at.desc(), cases.c.number.desc())
        async with self._sessions.reading() as connection:
            return await read_page(connection, cases, query, CaseView, limit, _cursor)

    async def all_numbers(self, tenant: str, after: str | None, limit: int) -> list[str]:
        """Return the numbers of all cases in order, from the one that follows `after`."""
        query: Any = select(cases.c.number).where(
            cases.c.tenant == tenant, cases.c.number > (after or "")
        )
        async with self._sessions.reading() as connection:
            numbers = await connection.scalars(query.order_by(cases.c.number).limit(limit))
            return [number for number in numbers if is_beyond(number, after)]


def _cursor(case: CaseView) -> Cursor:
    return (case.received_at.isoformat(), case.number)
