"""The few statements that SQLAlchemy spells differently for each database."""

from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT."""
    return _insert(connection.dialect.name, table)


def upsert(connection: AsyncConnection, table: Table, names: tuple[str, ...]) -> Insert:
    """Return an INSERT of these columns that overwrites the row with the same key."""
    return _upsert(connection.dialect.name, table, names)


def upsert_if_newer(
    connection: AsyncConnection, table: Table, names: tuple[str, ...], by: str
) -> ReturningInsert[Any]:
    """Return an upsert that neither changes nor returns a row whose column `by` is no older."""
    return _upsert_if_newer(connection.dialect.name, table, names, by)


# Cached: building such a statement takes SQLAlchemy longer than sending it.
@cache
def _insert(dialect: str, table: Table) -> Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> Insert:
    row = _insert(dialect, table)
    values = {name: row.excluded[name] for name in names}
    return row.on_conflict_do_update(index_elements=table.primary_key, set_=values)


@cache
def _upsert_if_newer(
    dialect: str, table: Table, names: tuple[str, ...], by: str
) -> ReturningInsert[Any]:
    row = _insert(dialect, table)
    values = {name: row.excluded[name] for name in names}
    newer = table.c[by] < row.excluded[by]
    written = row.on_conflict_do_update(index_elements=table.primary_key, set_=values, where=newer)
    return written.returning(table.c[by])
