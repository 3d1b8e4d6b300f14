"""Find cases by what they were opened with: references, customers, and the customers' words."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.spellings import plain_code
from store.cases.filters import within_reach
from store.cases.records import Reach
from store.cases.tables import case_goods, case_words, cases
from store.db.pages import Cursor
from store.db.session import Sessions

MOST_READ: Final = 300_000
"""The words of so many cases are read at most, the newest: it bounds how long a search takes."""
HORIZON_SECONDS: Final = 600.0
REFERENCES: Final = ("external_ref", "order", "product")
OF_GOODS: Final = ("product", "serial")
NEWEST_FIRST: Final = (case_words.c.received_at.desc(), case_words.c.number.desc())


@dataclass(frozen=True)
class WordsPage:
    """The cases in whose words all terms occur, the newest first; none older than `since`."""

    numbers: tuple[str, ...]
    next: Cursor | None
    since: datetime | None


class CaseSearch:
    """Finds the numbers of cases; whoever asks reads their rows."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._horizons: dict[str, tuple[float, datetime | None]] = {}

    async def by_reference(
        self, tenant: str, spellings: Sequence[str], limit: int, reach: Reach | None = None
    ) -> dict[str, list[str]]:
        """Return the newest cases that have one of these references, by which it is.

        The first spelling is the text as it was written.
        """
        found: dict[str, list[str]] = {}
        async with self._sessions.reading() as connection:
            for name in REFERENCES:
                same: ColumnElement[bool] = cases.c[name].in_(spellings)
                found[name] = await _newest(connection, tenant, same, limit, reach)
            for name in OF_GOODS:
                same = case_goods.c[name] == plain_code(spellings[0])
                with_goods = await _newest_with(connection, tenant, same, limit, reach)
                found[name] = [*dict.fromkeys((*found.get(name, ()), *with_goods))][:limit]
        return found

    async def of_customers(
        self, tenant: str, refs: Sequence[str], limit: int, reach: Reach | None = None
    ) -> list[str]:
        """Return the newest cases of these customers."""
        async with self._sessions.reading() as connection:
            return await _newest(connection, tenant, cases.c.customer.in_(refs), limit, reach)

    async def by_words(
        self,
        tenant: str,
        terms: Sequence[str],
        after: Cursor | None,
        limit: int,
        *,
        ending: str | None = None,
        reach: Reach | None = None,
    ) -> WordsPage:
        """Return the cases in whose words all terms occur, or whose number ends like this.

        The terms are spelt as `store.cases.words.searchable` spells them.
        """
        async with self._sessions.reading() as connection:
            since = await self._horizon(connection, tenant)
            query = _in_words(tenant, terms, ending, reach)
            if since is not None:
                query = query.where(case_words.c.received_at >= since)
            if after is not None:
                key = tuple_(case_words.c.received_at, case_words.c.number)
                position = (datetime.fromisoformat(after[0]), after[1])
                query = query.where(key < position)
            rows = (await connection.execute(query.limit(limit + 1))).all()
        shown, more = rows[:limit], len(rows) > limit
        following = (shown[-1].received_at.isoformat(), shown[-1].number) if more else None
        return WordsPage(tuple(row.number for row in shown), following, since)

    async def _horizon(self, connection: AsyncConnection, tenant: str) -> datetime | None:
        """Return since when words are read; None for always. It is looked up now and then."""
        read_at, since = self._horizons.get(tenant, (0.0, None))
        if not read_at or time.monotonic() > read_at + HORIZON_SECONDS:
            query = select(case_words.c.received_at).where(case_words.c.tenant == tenant)
            query = query.order_by(*NEWEST_FIRST).offset(MOST_READ).limit(1)
            since = await connection.scalar(query)
            self._horizons[tenant] = (time.monotonic(), since)
        return since


def _in_words(
    tenant: str, terms: Sequence[str], ending: str | None, reach: Reach | None
) -> Select[Any]:
    matches: ColumnElement[bool] = _all_in_words(terms)
    if ending is not None:
        matches = or_(matches, case_words.c.number.endswith(ending, autoescape=True))
    query = select(case_words.c.received_at, case_words.c.number)
    query = query.where(case_words.c.tenant == tenant, matches).order_by(*NEWEST_FIRST)
    if reach is None:
        return query
    same = (cases.c.tenant == case_words.c.tenant, cases.c.number == case_words.c.number)
    return query.where(exists().where(*same, within_reach(cases, reach)))


def _all_in_words(terms: Sequence[str]) -> ColumnElement[bool]:
    first, *rest = (case_words.c.words.contains(term, autoescape=True) for term in terms)
    for each in rest:
        first = first & each
    return first


async def _newest(
    connection: AsyncConnection,
    tenant: str,
    which: ColumnElement[bool],
    limit: int,
    reach: Reach | None,
) -> list[str]:
    query = select(cases.c.number).where(cases.c.tenant == tenant, which)
    if reach is not None:
        query = query.where(within_reach(cases, reach))
    # An expression, since SQLite would walk along the index of this order until the page is full.
    received_at = func.coalesce(cases.c.received_at, cases.c.received_at)
    query = query.order_by(received_at.desc(), cases.c.number.desc()).limit(limit)
    return [*(await connection.scalars(query)).all()]


async def _newest_with(
    connection: AsyncConnection,
    tenant: str,
    goods: ColumnElement[bool],
    limit: int,
    reach: Reach | None,
) -> list[str]:
    """Return the newest cases that were opened with such goods; these are looked up first."""
    of_case = (cases.c.tenant == case_goods.c.tenant, cases.c.number == case_goods.c.number)
    query = select(cases.c.number).select_from(case_goods.join(cases, and_(*of_case)))
    query = query.where(case_goods.c.tenant == tenant, cases.c.tenant == tenant, goods)
    if reach is not None:
        query = query.where(within_reach(cases, reach))
    query = query.group_by(cases.c.number, cases.c.received_at)
    query = query.order_by(cases.c.received_at.desc(), cases.c.number.desc()).limit(limit)
    return [*(await connection.scalars(query)).all()]
