"""What the lead's board shows, read in one snapshot."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.table import WaitsOn
from domain.read_models.projection import CaseView, ClockView
from store.cases.tables import cases, clocks, comments
from store.cases.unread import counts_for
from store.db.corrupt_rows import read_page
from store.db.pages import Cursor
from store.db.session import Sessions
from store.reports.charts import count_cases
from store.reports.records import BoardCounts, BoardMoments, Breach, OpenCount, Scope, SplitCount
from store.reports.spans import clocks_in_scope, in_scope

MOST_BREACHES: Final = 50
"""So many of today's breaches are listed, the newest."""


class Board:
    """Reads what is open, due, broken and whose, as it is now."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def read(self, tenant: str, scope: Scope, moments: BoardMoments) -> BoardCounts:
        """Return all that the board counts, of one moment."""
        hours = moments.hours
        async with self._sessions.reading() as connection:
            arrived = await count_cases(connection, tenant, cases.c.received_at, hours, scope)
            closed = await count_cases(connection, tenant, cases.c.closed_at, hours, scope)
            return BoardCounts(
                open=await _open(connection, tenant, scope, moments),
                oldest_unassigned=await _oldest_unassigned(connection, tenant, scope),
                breached=await _count_breaches(connection, tenant, scope, moments),
                breaches=await _breaches(connection, tenant, scope, moments),
                unread=await _unread(connection, tenant, scope),
                arrived=_by_place(arrived, len(hours)),
                closed=_by_place(closed, len(hours)),
            )


async def _open(
    connection: AsyncConnection, tenant: str, scope: Scope, moments: BoardMoments
) -> list[OpenCount]:
    """Count the open cases in one pass over an index that has all that is asked."""
    by = (cases.c.kind, cases.c.stage, cases.c.priority, cases.c.assignee)
    counts = {
        "open": func.count(),
        "on_hold": func.count(cases.c.held_until),
        "unassigned": func.count().filter(_unassigned()),
        "overdue": func.count().filter(cases.c.next_due <= moments.now),
    }
    soon = [func.count().filter(cases.c.next_due <= at) for at in moments.soon]
    query = select(*by, *(n.label(name) for name, n in counts.items()), *soon)
    query = query.where(*in_scope(tenant, scope), cases.c.closed_at.is_(None)).group_by(*by)
    names = [*(column.name for column in by), *counts]
    return [
        OpenCount(**dict(zip(names, row, strict=False)), due=tuple(row[len(names) :]))
        for row in await connection.execute(query)
    ]


def _unassigned() -> Any:
    return and_(cases.c.assignee.is_(None), cases.c.waits_on == WaitsOn.STAFF.value)


async def _oldest_unassigned(
    connection: AsyncConnection, tenant: str, scope: Scope
) -> CaseView | None:
    """Return the case that came in first among those that wait and are nobody's."""
    query = select(cases).where(
        *in_scope(tenant, scope), cases.c.closed_at.is_(None), _unassigned()
    )
    query = query.order_by(cases.c.received_at, cases.c.number)
    page = await read_page(connection, cases, query, CaseView, 1, _no_cursor)
    return page.items[0] if page.items else None


def _broken(tenant: str, scope: Scope, moments: BoardMoments) -> Select[Any]:
    """Select the clocks that were breached today."""
    return select(clocks).where(
        *clocks_in_scope(tenant, scope),
        clocks.c.breached_at.is_not(None),
        clocks.c.breached_at >= moments.today.since,
        clocks.c.breached_at < moments.today.until,
    )


async def _count_breaches(
    connection: AsyncConnection, tenant: str, scope: Scope, moments: BoardMoments
) -> int:
    query = _broken(tenant, scope, moments).with_only_columns(func.count())
    return await connection.scalar(query) or 0


async def _breaches(
    connection: AsyncConnection, tenant: str, scope: Scope, moments: BoardMoments
) -> list[Breach]:
    """Return the newest breaches, with their cases as they are now."""
    query = _broken(tenant, scope, moments).order_by(
        clocks.c.breached_at.desc(), clocks.c.number, clocks.c.clock
    )
    page = await read_page(connection, clocks, query, ClockView, MOST_BREACHES, _no_cursor)
    numbers = sorted({clock.number for clock in page.items})
    of_them = select(cases).where(cases.c.tenant == tenant, cases.c.number.in_(numbers))
    rows = await read_page(connection, cases, of_them, CaseView, MOST_BREACHES, _no_cursor)
    by_number = {case.number: case for case in rows.items}
    return [Breach(clock, by_number.get(clock.number)) for clock in page.items]


async def _unread(connection: AsyncConnection, tenant: str, scope: Scope) -> dict[str, int]:
    """Count customers' unread messages by who holds the case."""
    same = and_(cases.c.tenant == comments.c.tenant, cases.c.number == counts_for())
    query = select(cases.c.assignee, func.count()).select_from(comments).join(cases, same)
    query = query.where(
        comments.c.tenant == tenant,
        comments.c.unread,
        cases.c.assignee.is_not(None),
        *in_scope(tenant, scope),
    )
    rows = (await connection.execute(query.group_by(cases.c.assignee))).all()
    return {row[0]: row[1] for row in rows}


def _by_place(counts: Sequence[SplitCount], places: int) -> list[int]:
    by_place = {count.place: count.n for count in counts}
    return [by_place.get(place, 0) for place in range(places)]


def _no_cursor(_row: object) -> Cursor:
    return ()
