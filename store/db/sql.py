"""The few statements that SQLAlchemy spells differently for each database."""

from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return _insert(connection.dialect.name, table)


def anew(connection: AsyncConnection, table: Table, names: tuple[str, ...]) -> Insert:
    """An INSERT of these columns that writes over the row with the same key."""
    return _anew(connection.dialect.name, table, names)


def if_newer(
    connection: AsyncConnection, table: Table, names: tuple[str, ...], by: str
) -> ReturningInsert[Any]:
    """The same, but it leaves alone, and does not return, what is as new by this column."""
    return _if_newer(connection.dialect.name, table, names, by)


# Made once: to make such a statement takes SQLAlchemy longer than to send it.
@cache
def _insert(dialect: str, table: Table) -> Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _anew(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    row = _insert(dialect, table)
    fresh = {name: row.excluded[name] for name in names}
    return row.on_conflict_do_update(index_elements=table.primary_key, set_=fresh)


@cache
def _if_newer(dialect: str, table: Table, names: tuple[str, ...], by: str) -> ReturningInsert[Any]:
    row = _insert(dialect, table)
    fresh = {name: row.excluded[name] for name in names}
    newer = table.c[by] < row.excluded[by]
    written = row.on_conflict_do_update(index_elements=table.primary_key, set_=fresh, where=newer)
    return written.returning(table.c[by])
