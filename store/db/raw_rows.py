"""Rows as a database's driver takes and gives them: many at a time, where nobody looks inside.

To turn each value into an object and back takes longer than all else when a store is made again.
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

Plain = tuple[Any, ...]

DIALECTS: Final[Mapping[str, Callable[[], Dialect]]] = {
    "sqlite": aiosqlite.dialect,
    "postgresql": asyncpg.dialect,
}
MOMENTS: Final = 8192


def columns(table: Table, names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Columns to be read as the driver gives them."""
    return [type_coerce(table.c[name], String).label(name) for name in names]


def plain(
    dialect: str, table: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> list[Plain]:
    """Rows as a driver takes them; needs no connection, so any process can do it."""
    makers = _makers(dialect, table, tuple(names))
    return [tuple(make(row[name]) if make else row[name] for name, make in makers) for row in rows]


async def put_plain(
    connection: AsyncConnection, statement: Insert, names: Sequence[str], rows: list[Plain]
) -> None:
    """Run an INSERT of these columns for many such rows."""
    if rows:
        bound = statement.values({name: bindparam(name) for name in names})
        text = str(bound.compile(dialect=connection.dialect))
        await connection.exec_driver_sql(text, rows)


@cache
def _makers(
    dialect: str, table: Table, names: tuple[str, ...]
) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """What makes of each column's value what the driver takes; None where it is that already."""
    kind = DIALECTS[dialect]()
    found: list[tuple[str, Callable[[Any], Any] | None]] = []
    for name in names:
        type_ = table.c[name].type
        make = type_.dialect_impl(kind).bind_processor(kind)
        # A case's moments come again and again, in its row, its tasks and its clocks.
        found.append(
            (name, lru_cache(MOMENTS)(make) if make and isinstance(type_, Instant) else make)
        )
    return found
