"""The few statements that SQLAlchemy spells differently for each database."""

from collections.abc import Collection
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement

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


async def lock_names(connection: AsyncConnection, names: Collection[str]) -> None:
    """Let no other transaction have a lock of these names until this one, which writes, ends.

    They are taken in one order, so that nobody waits in a circle. On SQLite whoever writes is
    alone anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    for key in sorted(map(_lock_key, names)):
        await connection.execute(select(func.pg_advisory_xact_lock(key)))


def _lock_key(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)


class epoch_seconds(FunctionElement[int]):  # noqa: N801 — a function of SQL
    """The whole seconds from 1970 until a moment."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds, "sqlite")
def _epoch_seconds_sqlite(call: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    (moment,) = call.clauses
    # Without its fraction, which SQLite would round to thousandths, and so perhaps up.
    return f"CAST(strftime('%s', substr({compiler.process(moment, **kw)}, 1, 19)) AS INTEGER)"


@compiles(epoch_seconds, "postgresql")
def _epoch_seconds_postgresql(call: epoch_seconds, compiler: SQLCompiler, **kw: Any) -> str:
    (moment,) = call.clauses
    return f"CAST(floor(EXTRACT(epoch FROM {compiler.process(moment, **kw)})) AS BIGINT)"
