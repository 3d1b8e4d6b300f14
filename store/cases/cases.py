"""Cases as lists and reports see them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_

from domain.read_models.projection import CaseView
from store.cases.filters import case_conditions
from store.cases.records import CaseFilter, Cursor, Page
from store.cases.tables import cases
from store.db.corrupt_rows import read_page, sound
from store.db.session import Sessions


class Cases:
    """Reads the case rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, number: str) -> CaseView | None:
        """The case's row, None if nothing is recorded of it.

        Raises:
            Unreadable: it was spoilt.
        """
        wanted = select(cases).where(cases.c.tenant == tenant, cases.c.number == number)
        async with self._sessions.reading() as connection:
            found = await sound(connection, cases, wanted, CaseView)
        return found[0] if found else None

    async def page(
        self, tenant: str, case_filter: CaseFilter, after: Cursor | None, limit: int
    ) -> Page[CaseView]:
        """Cases, newest received first; `after` is the `next` of the page before."""
        key = tuple_(cases.c.received_at, cases.c.number)
        wanted = select(cases).where(cases.c.tenant == tenant, *case_conditions(case_filter))
        if after is not None:
            wanted = wanted.where(key < (datetime.fromisoformat(after[0]), after[1]))
        wanted = wanted.order_by(cases.c.received_at.desc(), cases.c.number.desc())
        async with self._sessions.reading() as connection:
            return await read_page(connection, cases, wanted, CaseView, limit, _cursor)

    async def all_numbers(self, tenant: str, after: str | None, limit: int) -> list[str]:
        """Numbers of all cases in their order, those after `after`."""
        return await self._numbers(_numbered(tenant, after, limit))

    async def open_numbers(self, tenant: str, after: str | None, limit: int) -> list[str]:
        """The same of cases that are not closed."""
        wanted = _numbered(tenant, after, limit).where(cases.c.closed_at.is_(None))
        return await self._numbers(wanted)

    async def _numbers(self, wanted: Select[Any]) -> list[str]:
        async with self._sessions.reading() as connection:
            return list((await connection.execute(wanted)).scalars())


def _numbered(tenant: str, after: str | None, limit: int) -> Select[Any]:
    wanted = select(cases.c.number).where(cases.c.tenant == tenant, cases.c.number > (after or ""))
    return wanted.order_by(cases.c.number).limit(limit)


def _cursor(case: CaseView) -> Cursor:
    return (case.received_at.isoformat(), case.number)
