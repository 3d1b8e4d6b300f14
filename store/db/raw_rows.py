"""Rows as a database's driver takes and gives them, for copying many without looking inside.

Turning each value into an object and back would take most of the time of a rebuild.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, String, Table, bindparam, type_coerce
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from store.db.sql import Insert
from store.db.types import Instant

RawRow = tuple[Any, ...]

DIALECTS: Final[Mapping[str, Callable[[], Dialect]]] = {
    "sqlite": aiosqlite.dialect,
    "postgresql": asyncpg.dialect,
}
CACHED_INSTANTS: Final = 8192


def columns(table: Table, names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Return columns that are read as the driver gives them."""
    return [type_coerce(table.c[name], String).label(name) for name in names]


def raw_rows(
    dialect: str, table: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> list[RawRow]:
    """Convert rows into what the driver takes; needs no connection, so any process can do it."""
    converters = _converters(dialect, table, tuple(names))
    return [
        tuple(convert(row[name]) if convert else row[name] for name, convert in converters)
        for row in rows
    ]


async def insert_raw_rows(
    connection: AsyncConnection, statement: Insert, names: Sequence[str], rows: list[RawRow]
) -> None:
    """Run an INSERT of these columns for many raw rows."""
    if rows:
        bound = statement.values({name: bindparam(name) for name in names})
        text = str(bound.compile(dialect=connection.dialect))
        await connection.exec_driver_sql(text, rows)


@cache
def _converters(
    dialect: str, table: Table, names: tuple[str, ...]
) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """Return what converts each column's values; None where they need no conversion."""
    target = DIALECTS[dialect]()
    converters: list[tuple[str, Callable[[Any], Any] | None]] = []
    for name in names:
        type_ = table.c[name].type
        convert = type_.dialect_impl(target).bind_processor(target)
        if convert and isinstance(type_, Instant):
            # A case's moments recur in its row, its tasks and its clocks.
            convert = lru_cache(CACHED_INSTANTS)(convert)
        converters.append((name, convert))
    return converters
