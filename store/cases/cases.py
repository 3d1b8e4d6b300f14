"""The rows of cases, as lists and reports show them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, tuple_

from domain.engine.merged import MOST_JOINED
from domain.read_models.projection import CaseView
from store.cases.filters import case_conditions, seen
from store.cases.records import CaseFilter, MeasuredCase, Reach
from store.cases.tables import cases
from store.db.corrupt_rows import read_page, read_rows
from store.db.pages import Cursor, Page, is_beyond
from store.db.session import Sessions

NUMBERS_AT_ONCE = 500
"""How many numbers one statement names."""


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

    async def some(self, tenant: str, numbers: Collection[str]) -> dict[str, CaseView]:
        """Return the rows of these cases; those that are not there or corrupt are left out."""
        if not numbers:
            return {}
        query = select(cases).where(cases.c.tenant == tenant, cases.c.number.in_(sorted(numbers)))
        query = query.order_by(cases.c.number)
        async with self._sessions.reading() as connection:
            page = await read_page(connection, cases, query, CaseView, len(numbers), _cursor)
        return {row.number: row for row in page.items}

    async def with_measures(
        self, tenant: str, until: date | None, limit: int
    ) -> list[MeasuredCase]:
        """Return the cases with a measure to be checked, those first that are due first.

        Args:
            tenant: whose they are.
            until: the last day on which the first of a case is due; None for any.
            limit: so many at most.
        """
        due = cases.c.measure_due
        columns = (cases.c.number, cases.c.kind, cases.c.last_seq, cases.c.closed_at)
        query = select(*columns).where(cases.c.tenant == tenant, due.is_not(None))
        if until is not None:
            query = query.where(due <= until)
        query = query.order_by(due, cases.c.number).limit(limit)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [MeasuredCase(*row[:3], closed=row.closed_at is not None) for row in rows]

    async def joined(self, tenant: str, number: str) -> list[CaseView]:
        """Return the rows of the cases that are merged into this one; corrupt ones are left out."""
        query = select(cases).where(cases.c.tenant == tenant, cases.c.merged_into == number)
        query = query.order_by(cases.c.number)
        async with self._sessions.reading() as connection:
            page = await read_page(connection, cases, query, CaseView, MOST_JOINED, _cursor)
        return [*page.items]

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
            cases.c.tenant == tenant,
            *case_conditions(tenant, case_filter),
            seen(reach),
        )
        if after is not None:
            query = query.where(key < (datetime.fromisoformat(after[0]), after[1]))
        query = query.order_by(cases.c.received_at.desc(), cases.c.number.desc())
        async with self._sessions.reading() as connection:
            return await read_page(connection, cases, query, CaseView, limit, _cursor)

    async def numbers(self, tenant: str, case_filter: CaseFilter, limit: int) -> list[str]:
        """Return the numbers of cases that fit, newest received first, corrupt rows included."""
        query = select(cases.c.number).where(
            cases.c.tenant == tenant, *case_conditions(tenant, case_filter)
        )
        query = query.order_by(cases.c.received_at.desc(), cases.c.number.desc()).limit(limit)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def kinds(self, tenant: str, numbers: Sequence[str]) -> dict[str, str]:
        """Return the kind of each of these cases; those that there are not are left out."""
        kinds: dict[str, str] = {}
        async with self._sessions.reading() as connection:
            for first in range(0, len(numbers), NUMBERS_AT_ONCE):
                part = numbers[first : first + NUMBERS_AT_ONCE]
                query = select(cases.c.number, cases.c.kind).where(
                    cases.c.tenant == tenant, cases.c.number.in_(part)
                )
                kinds.update(tuple(row) for row in await connection.execute(query))
        return kinds

    async def open_numbers(
        self, tenant: str, after: str, limit: int, *, kind: str | None = None, other_than: str = ""
    ) -> list[str]:
        """Return the numbers of open cases in order, from the one that follows `after`.

        Args:
            tenant: whose they are.
            after: a number.
            limit: so many at most.
            kind: of which they are; None is any.
            other_than: a policy that they do not keep.
        """
        rows = cases.c
        query = select(rows.number).where(
            rows.tenant == tenant,
            rows.closed_at.is_(None),
            rows.number > after,
            rows.policy_version != other_than,
        )
        if kind is not None:
            query = query.where(rows.kind == kind)
        async with self._sessions.reading() as connection:
            numbers = await connection.scalars(query.order_by(rows.number).limit(limit))
            return [number for number in numbers if is_beyond(number, after)]

    async def last_closed(
        self, tenant: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[tuple[datetime, str]]:
        """Return cases by when they were closed, the last first; `before` is where they go on."""
        rows = cases.c
        query = select(rows.closed_at, rows.number).where(
            rows.tenant == tenant, rows.closed_at.is_not(None)
        )
        if before is not None:
            query = query.where(tuple_(rows.closed_at, rows.number) < before)
        query = query.order_by(rows.closed_at.desc(), rows.number.desc()).limit(limit)
        async with self._sessions.reading() as connection:
            return [(row.closed_at, row.number) for row in await connection.execute(query)]

    async def count_open_and_closed(self, tenant: str) -> tuple[int, int]:
        """Return how many cases are open, and how many are closed."""
        closed = func.count(cases.c.closed_at)
        query = select(func.count() - closed, closed).where(cases.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            row = (await connection.execute(query)).one()
        return int(row[0]), int(row[1])

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
