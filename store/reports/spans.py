"""In which of some spans of time a moment is, told by the database; and which rows are counted."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    column,
    exists,
    func,
    literal,
    null,
    select,
    type_coerce,
    values,
)

from store.cases.tables import cases, clocks
from store.db.types import Instant
from store.reports.records import Scope, Span, Split

PLACE: Final = "place"
KEY: Final = "key"
PREFIX_LENGTH: Final = 2
"""So many letters of a case number say its kind."""


def rows_in_spans(
    dialect: str,
    table: Table,
    moment: ColumnElement[Any],
    spans: Sequence[Span],
    *columns: ColumnElement[Any],
) -> Select[Any]:
    """Select the rows with a moment in one of the spans, which follow one another; its `place` too.

    PostgreSQL looks each moment up among the bounds. SQLite cannot; it reads an index span by span,
    which PostgreSQL, as it does not know how few rows a span has, would not do.
    """
    if dialect == "postgresql":
        bounds = [*(span.since for span in spans), spans[-1].until]
        place = func.width_bucket(moment, literal(bounds, ARRAY(Instant()))) - 1
        query = select(place.label(PLACE), *columns).select_from(table)
        return query.where(moment >= spans[0].since, moment < spans[-1].until)
    names = (column(PLACE, Integer), column("since", Instant), column("until", Instant))
    rows = [(place, span.since, span.until) for place, span in enumerate(spans)]
    spans_table = values(*names, name="spans").data(rows).cte("spans")
    joined = spans_table.join(table, moment >= spans_table.c.since)
    query = select(spans_table.c.place, *columns).select_from(joined)
    return query.where(moment < spans_table.c.until)


def in_scope(tenant: str, scope: Scope) -> list[ColumnElement[bool]]:
    """Return what a case must be to be counted, in the words of the indexes for reports."""
    conditions = [cases.c.tenant == tenant, cases.c.kind.is_not(None)]
    if scope.kind is not None:
        conditions.append(cases.c.kind == scope.kind)
    if scope.team is not None:
        conditions.append(cases.c.team == scope.team)
    return conditions


def clocks_in_scope(tenant: str, scope: Scope) -> list[ColumnElement[bool]]:
    """Return what a clock must be to be counted; cases are looked at only for their team.

    They are looked up clock by clock: joined, SQLite would begin with all cases of the team.
    """
    conditions = [clocks.c.tenant == tenant]
    if scope.prefix is not None:
        conditions.append(func.substr(clocks.c.number, 1, len(scope.prefix)) == scope.prefix)
    if scope.team is not None:
        of_team = exists().where(
            cases.c.tenant == clocks.c.tenant,
            cases.c.number == clocks.c.number,
            cases.c.team == scope.team,
        )
        conditions.append(of_team)
    return conditions


def split_key(split: Split | None) -> ColumnElement[Any]:
    """Return by what cases are split: their kind, their team, nothing."""
    if split is None:
        return type_coerce(null(), String).label(KEY)
    return (cases.c.kind if split is Split.KIND else cases.c.team).label(KEY)


def split_key_of_clocks(split: Split | None) -> ColumnElement[Any]:
    """Return by what clocks are split; cases are looked up only for their team, clock by clock."""
    if split is not Split.TEAM:
        prefix = func.substr(clocks.c.number, 1, PREFIX_LENGTH)
        return prefix.label(KEY) if split is Split.KIND else split_key(None)
    team = select(cases.c.team).where(
        cases.c.tenant == clocks.c.tenant, cases.c.number == clocks.c.number
    )
    return team.correlate(clocks).scalar_subquery().label(KEY)
