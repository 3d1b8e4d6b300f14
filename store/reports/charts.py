"""What charts count, span by span: cases, promises, durations, ratings."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.clocks import ClockState
from store.cases.tables import cases, clocks
from store.db.session import Sessions
from store.db.sql import epoch_seconds
from store.reports.records import (
    ClockCount,
    DurationCount,
    RatingCount,
    Scope,
    Span,
    Split,
    SplitCount,
)
from store.reports.spans import (
    clocks_in_scope,
    in_scope,
    rows_in_spans,
    split_key,
    split_key_of_clocks,
)

KEPT = (ClockState.MET.value, ClockState.MET_LATE.value)


class Charts:
    """Counts, each in one statement; nothing that is counted names a person.

    The spans of a question follow one another.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def arrived(
        self, tenant: str, spans: Sequence[Span], scope: Scope, split: Split | None = None
    ) -> list[SplitCount]:
        """Count the cases by when they were received."""
        async with self._sessions.reading() as connection:
            return await count_cases(connection, tenant, cases.c.received_at, spans, scope, split)

    async def closed(
        self, tenant: str, spans: Sequence[Span], scope: Scope, split: Split | None = None
    ) -> list[SplitCount]:
        """Count the closed cases by when they were closed; one that is open again is not one."""
        async with self._sessions.reading() as connection:
            return await count_cases(connection, tenant, cases.c.closed_at, spans, scope, split)

    async def met(
        self,
        tenant: str,
        spans: Sequence[Span],
        scope: Scope,
        names: Sequence[str],
        split: Split | None = None,
    ) -> list[ClockCount]:
        """Count the promises of these clocks that were kept in time, by when they were."""
        met = (clocks.c.clock.in_(names), clocks.c.state == ClockState.MET.value)
        return await self._count_clocks(tenant, clocks.c.ended_at, spans, scope, split, met)

    async def breached(
        self, tenant: str, spans: Sequence[Span], scope: Scope, split: Split | None = None
    ) -> list[ClockCount]:
        """Count the promises that were broken, by when they were due, even if kept since."""
        return await self._count_clocks(tenant, clocks.c.breached_at, spans, scope, split, ())

    async def durations(
        self,
        tenant: str,
        spans: Sequence[Span],
        scope: Scope,
        clock: str,
        split: Split | None = None,
    ) -> list[DurationCount]:
        """Return how long a clock ran until its promise was kept, by when it was, late or not.

        By the wall clock, pauses included, in whole seconds.
        """
        ended_at = clocks.c.ended_at
        seconds = epoch_seconds(ended_at) - epoch_seconds(clocks.c.started_at)
        async with self._sessions.reading() as connection:
            dialect = connection.dialect.name
            columns = (seconds.label("seconds"), split_key_of_clocks(split))
            kept = rows_in_spans(dialect, clocks, ended_at, spans, *columns).where(
                *clocks_in_scope(tenant, scope),
                clocks.c.clock == clock,
                ended_at.is_not(None),
                clocks.c.state.in_(KEPT),
            )
            rows = (await connection.execute(_quantiles(kept))).all()
        return [_duration(*row) for row in rows]

    async def ratings(
        self, tenant: str, spans: Sequence[Span], scope: Scope, split: Split | None = None
    ) -> list[RatingCount]:
        """Count what customers said last of their cases, by when they said it."""
        said, rated_at = (cases.c.satisfaction, cases.c.nps, split_key(split)), cases.c.rated_at
        async with self._sessions.reading() as connection:
            rows = rows_in_spans(connection.dialect.name, cases, rated_at, spans, *said)
            rows = rows.where(*in_scope(tenant, scope), rated_at.is_not(None))
            found = await connection.execute(_counted(rows))
            return [RatingCount(place, word, nps, n, key) for place, word, nps, key, n in found]

    async def _count_clocks(
        self,
        tenant: str,
        moment: ColumnElement[Any],
        spans: Sequence[Span],
        scope: Scope,
        split: Split | None,
        which: Sequence[ColumnElement[bool]],
    ) -> list[ClockCount]:
        async with self._sessions.reading() as connection:
            columns = (clocks.c.clock, split_key_of_clocks(split))
            rows = rows_in_spans(connection.dialect.name, clocks, moment, spans, *columns)
            rows = rows.where(*clocks_in_scope(tenant, scope), moment.is_not(None), *which)
            found = await connection.execute(_counted(rows))
            return [ClockCount(place, clock, n, key) for place, clock, key, n in found]


async def count_cases(
    connection: AsyncConnection,
    tenant: str,
    moment: ColumnElement[Any],
    spans: Sequence[Span],
    scope: Scope,
    split: Split | None = None,
) -> list[SplitCount]:
    """Count cases by the span that a moment of theirs is in."""
    rows = rows_in_spans(connection.dialect.name, cases, moment, spans, split_key(split))
    rows = rows.where(*in_scope(tenant, scope), moment.is_not(None))
    return [SplitCount(*row) for row in await connection.execute(_counted(rows))]


def _counted(rows: Select[Any]) -> Select[Any]:
    """Return how many rows there are of each sort."""
    by = [*rows.subquery().c]
    return select(*by, func.count()).group_by(*by)


def _quantiles(durations: Select[Any]) -> Select[Any]:
    """Return the median and the 90th percentile, each as the two ranks that it lies between."""
    rows = durations.subquery()
    groups = (rows.c.place, rows.c.key)
    rank = func.row_number().over(partition_by=groups, order_by=rows.c.seconds) - 1
    n = func.count().over(partition_by=groups)
    ranked = select(*groups, rows.c.seconds, rank.label("rank"), n.label("n")).subquery()
    last = ranked.c.n - 1
    low = 9 * last // 10
    high = case((low < last, low + 1), else_=last)

    def at(place: ColumnElement[int]) -> ColumnElement[int]:
        return func.max(case((ranked.c.rank == place, ranked.c.seconds)))

    sort = (ranked.c.place, ranked.c.key, ranked.c.n)
    return select(*sort, at(last // 2), at((last + 1) // 2), at(low), at(high)).group_by(*sort)


def _duration(place: int, key: str | None, n: int, *at: int) -> DurationCount:
    low, high, low_p90, high_p90 = at
    share = 9 * (n - 1) % 10 / 10
    return DurationCount(place, n, (low + high) / 2, low_p90 + (high_p90 - low_p90) * share, key)
