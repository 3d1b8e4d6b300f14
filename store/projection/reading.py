"""Reading rows as they stand, also those that somebody made unreadable."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import String, Table, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from store.projection.rows import COLUMNS, KEYS, TABLES, Key, Rows, keyed, none
from store.spoilt import NO_VALUE
from store.types import Json

UNREADABLE: Final[Key] = ("unreadable",)
"""Stands for the rows of a table of which one cannot be read."""


class Respelled(str):
    """A text that is no JSON, or not in the one spelling that we write: somebody changed it."""

    __slots__ = ()


async def read(connection: AsyncConnection, tenant: str, numbers: Sequence[str]) -> dict[str, Rows]:
    """The rows of these cases; those without any are left out."""
    found: dict[str, Rows] = {}
    for name, table in TABLES.items():
        try:
            await _add(found, connection, table, tenant, numbers)
        except NO_VALUE:
            for number in numbers:
                found.setdefault(number, none())[name] = {}
                try:
                    await _add(found, connection, table, tenant, [number])
                except NO_VALUE:
                    found[number][name] = {UNREADABLE: {}}
    return {number: rows for number, rows in found.items() if any(rows.values())}


async def _add(
    found: dict[str, Rows],
    connection: AsyncConnection,
    table: Table,
    tenant: str,
    numbers: Sequence[str],
) -> None:
    name = table.name
    names = ("number", *KEYS[name], *COLUMNS[name])
    texts = [each for each in names if isinstance(table.c[each].type, Json)]
    columns = [
        type_coerce(table.c[each], String).label(each) if each in texts else table.c[each]
        for each in names
    ]
    wanted = select(*columns).where(table.c.tenant == tenant, table.c.number.in_(numbers))
    for values in await connection.execute(wanted):
        row = dict(zip(names, values, strict=True))
        for each in texts:
            row[each] = _json(row[each])
        key, rest = keyed(name, row)
        found.setdefault(row["number"], none())[name][key] = rest


@lru_cache(8192)
def _json(text: str | None) -> Any:
    """The value, not to be changed: actors, steps and roles come again and again."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return Respelled(text)
    return value if canonical_json(value) == text else Respelled(text)
