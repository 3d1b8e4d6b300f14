"""The inbox: cases in hand in the order of their ranks, with all that a line of it shows.

What is in hand is open, or closed and waits for an answer to its customer. No index has both, so
each is read by its own, and the two are joined in their order.
"""

import functools
import operator
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
    """Reads cases as agents work on them; `Recorder` writes them."""

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
        """Return cases with all that a line shows, those first whose rank is soonest."""
        beyond = [] if after is None else [_is_beyond(after)]
        async with self._sessions.reading() as connection:
            pages = []
            for part in parts_of(where):
                conditions = _all(tenant, part, reach)
                query = select(cases).where(*conditions, *beyond).order_by(*SORT_KEY)
                pages.append(await read_page(connection, cases, query, RankedCase, limit, _cursor))
            page = _joined(pages, limit)
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
        """Return the numbers of cases, open ones first, by their ranks; corrupt ones, too."""
        found: list[str] = []
        async with self._sessions.reading() as connection:
            for part in parts_of(where):
                query = select(cases.c.number).where(*_all(tenant, part, reach))
                numbers = await connection.scalars(query.order_by(*SORT_KEY).limit(limit))
                found += numbers.all()
        return found[:limit]

    async def count(
        self, tenant: str, queries: Sequence[Where], reach: Reach | None = None
    ) -> list[int]:
        """Count the cases of each query in one statement, each by the index that serves it."""
        if not queries:
            return []
        counts = [_count(tenant, where, reach) for where in queries]
        labelled = (each.label(f"n{place}") for place, each in enumerate(counts))
        async with self._sessions.reading() as connection:
            return [*(await connection.execute(select(*labelled))).one()]


def parts_of(where: Where) -> list[Where]:
    """Return the queries that together have what is asked: what is in hand is in two indexes."""
    if not any(getattr(one, "in_hand", None) for one in where):
        return [where]
    return [
        [_without_in_hand(one, open=True) for one in where],
        [_without_in_hand(one, heard_closed=True) for one in where],
    ]


def _without_in_hand(one: CaseFilter, **instead: bool) -> CaseFilter:
    if not getattr(one, "in_hand", None):
        return one
    return one.model_copy(update={"in_hand": None, **instead})


def _joined(pages: Sequence[Page[RankedCase]], limit: int) -> Page[RankedCase]:
    """Return the first rows of several pages that are in the same order."""
    rows = sorted((row for page in pages for row in page.items), key=_key)
    is_more = len(rows) > limit or any(page.next for page in pages)
    corrupt = tuple(each for page in pages for each in page.corrupt)
    page = tuple(rows[:limit])
    return Page(page, _cursor(page[-1]) if is_more else None, corrupt)


def _key(case: RankedCase) -> tuple[datetime, str]:
    return case.rank, case.number


def _all(tenant: str, where: Where, reach: Reach | None) -> list[ColumnElement[bool]]:
    conditions = [each for one in where for each in inbox_conditions(tenant, one)]
    narrowed = [] if reach is None else [within_reach(cases, reach)]
    return [cases.c.tenant == tenant, *conditions, *narrowed]


def _count(tenant: str, where: Where, reach: Reach | None) -> ColumnElement[int]:
    """Return the count of a query."""
    counts = [_count_part(tenant, part, reach).scalar_subquery() for part in parts_of(where)]
    return functools.reduce(operator.add, counts)


def _count_part(tenant: str, where: Where, reach: Reach | None) -> Select[int]:
    """Return the count of one part of a query.

    No row is read for what the standard views ask of open cases: it is in indexes, which are
    chosen only for queries that say that there is a kind. Those that ask for more read the rows.
    """
    query = select(func.count()).select_from(cases)
    query = query.where(*_all(tenant, where, reach))
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


def _is_beyond(after: Cursor) -> ColumnElement[bool]:
    return tuple_(*SORT_KEY) > (datetime.fromisoformat(after[0]), after[1])


def _cursor(case: RankedCase) -> Cursor:
    return (case.rank.isoformat(), case.number)
