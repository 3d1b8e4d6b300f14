"""Reading rows of which some may be spoilt: the others are handed out, each spoilt one is named."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from sqlalchemy import Select, String, Table, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.records import Cursor, Page
from store.errors import CorruptRow

M = TypeVar("M", bound=BaseModel)

NO_VALUE: Final = (ValueError, TypeError, OverflowError)
"""What reading a value that nobody wrote ends in: no JSON, no moment, no number, nothing."""


async def sound(
    connection: AsyncConnection, table: Table, wanted: Select[Any], model: type[M]
) -> list[M]:
    """The rows of a select of whole rows.

    Raises:
        Unreadable: one of them was spoilt.
    """
    found: list[M] = []
    for each in await readable(connection, table, wanted, model):
        if isinstance(each, CorruptRow):
            raise each
        found.append(each)
    return found


async def read_page(
    connection: AsyncConnection,
    table: Table,
    wanted: Select[Any],
    model: type[M],
    limit: int,
    place: Callable[[M], Cursor],
) -> Page[M]:
    """A page of rows in their order; spoilt ones take no room in it.

    So it ends with a row that says where it is: a spoilt one may not.
    """
    found: list[M] = []
    spoilt: list[str] = []
    seen = 0
    while len(found) <= limit:
        rows = await readable(connection, table, wanted.limit(limit + 1).offset(seen), model)
        seen += len(rows)
        found += [each for each in rows if not isinstance(each, CorruptRow)]
        spoilt += [each.number for each in rows if isinstance(each, CorruptRow)]
        if len(rows) <= limit:
            break
    items = tuple(found[:limit])
    return Page(items, place(items[-1]) if len(found) > limit else None, tuple(spoilt))


async def readable(
    connection: AsyncConnection, table: Table, wanted: Select[Any], model: type[M]
) -> Sequence[M | CorruptRow]:
    """The same, row by row: in the place of a spoilt one stands why it is not there."""
    try:
        rows = (await connection.execute(wanted)).mappings().all()
        return [model.model_validate(row) for row in rows]
    except NO_VALUE:
        return await _one_by_one(connection, table, wanted, model)


async def _one_by_one(
    connection: AsyncConnection, table: Table, wanted: Select[Any], model: type[M]
) -> list[M | CorruptRow]:
    """Read as the database has them, since one bad value spoils the whole answer otherwise."""
    columns = [type_coerce(column, String).label(column.name) for column in table.columns]
    rows = (await connection.execute(wanted.with_only_columns(*columns))).mappings().all()
    readers = {
        column.name: column.type.dialect_impl(connection.dialect).result_processor(
            connection.dialect, None
        )
        for column in table.columns
    }
    return [_one(row, readers, table, model) for row in rows]


def _one(
    row: Mapping[Any, Any], readers: Mapping[str, Any], table: Table, model: type[M]
) -> M | CorruptRow:
    try:
        values = {name: read(row[name]) if read else row[name] for name, read in readers.items()}
        return model.model_validate(values)
    except NO_VALUE:
        return CorruptRow(table.name, str(row.get("number", row.get("id"))))
