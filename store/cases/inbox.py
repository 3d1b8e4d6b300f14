"""The inbox: open cases in the order in which they are due, with all that a line of it shows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.read_models.projection import ClockView
from store.cases.entries import words_of
from store.cases.filters import inbox_conditions, within_reach
from store.cases.records import CaseFilter, InboxRecord, RankedCase, Reach
from store.cases.tables import cases, clocks, tasks
from store.cases.unread import unread_of
from store.db.corrupt_rows import read_page
from store.db.pages import Cursor, Page
from store.db.session import Sessions

Where = Sequence[CaseFilter]
"""Filters that must all be matched: what a view has, and what somebody narrows it to."""

SORT_KEY: Final = (cases.c.rank, cases.c.number)
MOST_CLOCKS: Final = 10_000
IN_INDEXES: Final = frozenset(
    {"open", "to_do", "assignee", "unassigned", "teams", "team", "roles", "escalated"}
    | {"due_within", "on_hold", "waits_on", "requests", "kind", "stage", "priority"}
)
"""The filters for which the indexes of open cases have all that is asked."""


class Inbox:
    """Reads open cases as agents work on them; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(
        self,
        tenant: str,
        where: Where,
        after: Cursor | None,
        limit: int,
        reach: Reach | None = None,
    ) -> Page[InboxRecord]:
        """Return cases with all that a line shows, those due soonest first."""
        query = select(cases).where(cases.c.tenant == tenant, *_all(tenant, where, reach))
        if after is not None:
            query = query.where(tuple_(*SORT_KEY) > (datetime.fromisoformat(after[0]), after[1]))
        async with self._sessions.reading() as connection:
            page = await read_page(
                connection, cases, query.order_by(*SORT_KEY), RankedCase, limit, _cursor
            )
            records = await _records(connection, tenant, page.items)
        return Page(records, page.next, page.corrupt)

    async def of(
        self, tenant: str, numbers: Sequence[str], reach: Reach | None = None
    ) -> Page[InboxRecord]:
        """Return these cases as far as they are there, in no order; closed ones, too."""
        query = select(cases).where(
            cases.c.tenant == tenant, cases.c.number.in_(numbers), within_reach(cases, reach)
        )
        limit = len(numbers)
        async with self._sessions.reading() as connection:
            page = await read_page(connection, cases, query, RankedCase, limit, _cursor)
            records = await _records(connection, tenant, page.items)
        return Page(records, None, page.corrupt)

    async def numbers(
        self, tenant: str, where: Where, limit: int, reach: Reach | None = None
    ) -> list[str]:
        """Return the numbers of cases, those due soonest first, corrupt rows included."""
        query = select(cases.c.number).where(cases.c.tenant == tenant, *_all(tenant, where, reach))
        async with self._sessions.reading() as connection:
            numbers = await connection.scalars(query.order_by(*SORT_KEY).limit(limit))
            return list(numbers.all())

    async def count(
        self, tenant: str, queries: Sequence[Where], reach: Reach | None = None
    ) -> list[int]:
        """Count the cases of each query in one statement, each by the index that serves it."""
        if not queries:
            return []
        counts = [_count(tenant, where, reach).scalar_subquery() for where in queries]
        labelled = (each.label(f"n{place}") for place, each in enumerate(counts))
        async with self._sessions.reading() as connection:
            return [*(await connection.execute(select(*labelled))).one()]


def _all(tenant: str, where: Where, reach: Reach | None) -> list[ColumnElement[bool]]:
    conditions = [each for one in where for each in inbox_conditions(tenant, one)]
    return [*conditions, *([] if reach is None else [within_reach(cases, reach)])]


def _count(tenant: str, where: Where, reach: Reach | None) -> Select[int]:
    """Return the count of a query.

    No row is read for what the standard views ask of open cases: it is in indexes, which are
    chosen only for queries that say that there is a kind. Those that ask for more read the rows.
    """
    query = select(func.count()).select_from(cases)
    query = query.where(cases.c.tenant == tenant, *_all(tenant, where, reach))
    asked = {name for one in where for name, value in one if value is not None}
    is_in_indexes = reach is None and any(one.open for one in where) and asked <= IN_INDEXES
    return query.where(cases.c.kind.is_not(None)) if is_in_indexes else query


async def _records(
    connection: AsyncConnection, tenant: str, rows: Sequence[RankedCase]
) -> tuple[InboxRecord, ...]:
    """Return the lines of these cases."""
    numbers = [row.number for row in rows]
    if not numbers:
        return ()
    words = await words_of(connection, tenant, numbers)
    unread = await unread_of(connection, tenant, numbers)
    open_tasks = await _open_tasks(connection, tenant, numbers)
    of_clocks = await _clocks(connection, tenant, numbers)
    return tuple(
        InboxRecord(
            row,
            open_tasks.get(row.number),
            tuple(of_clocks[row.number]),
            words.get(row.number),
            unread.get(row.number, 0),
        )
        for row in rows
    )


async def _open_tasks(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, int]:
    query = select(tasks.c.number, tasks.c.seq).where(
        tasks.c.tenant == tenant,
        tasks.c.number.in_(numbers),
        tasks.c.done_at.is_(None),
        tasks.c.request.is_(None),
    )
    return {row.number: row.seq for row in await connection.execute(query)}


async def _clocks(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, list[ClockView]]:
    """Return the clocks by case; one whose row is corrupt is left out."""
    query = select(clocks).where(clocks.c.tenant == tenant, clocks.c.number.in_(numbers))
    page = await read_page(connection, clocks, query, ClockView, MOST_CLOCKS, lambda _: ())
    by_case: dict[str, list[ClockView]] = defaultdict(list)
    for clock in page.items:
        by_case[clock.number].append(clock)
    return by_case


def _cursor(case: RankedCase) -> Cursor:
    return (case.rank.isoformat(), case.number)
