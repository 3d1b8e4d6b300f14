"""Reading rows as they stand, also those that somebody made unreadable."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import String, Table, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from store.projection.rows import COLUMNS, KEYS, TABLES, Key, Rows, keyed, none
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
        except (ValueError, TypeError):
            for number in numbers:
                found.setdefault(number, none())[name] = {}
                try:
                    await _add(found, connection, table, tenant, [number])
                except (ValueError, TypeError):
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
    columns = [
        type_coerce(table.c[each], String).label(each)
        if isinstance(table.c[each].type, Json)
        else table.c[each]
        for each in ("number", *KEYS[name], *COLUMNS[name])
    ]
    wanted = select(*columns).where(table.c.tenant == tenant, table.c.number.in_(numbers))
    for row in (await connection.execute(wanted)).mappings():
        key, rest = keyed(name, _parsed(table, dict(row)))
        found.setdefault(row["number"], none())[name][key] = rest


def _parsed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _json(value) if isinstance(table.c[name].type, Json) else value
        for name, value in row.items()
    }


def _json(text: str | None) -> Any:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return Respelled(text)
    return value if canonical_json(value) == text else Respelled(text)
