"""Read rows of which some may be corrupt: return the sound ones, and name each corrupt one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from sqlalchemy import Select, String, Table, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from store.db.pages import Cursor, Page
from store.errors import CorruptRow

M = TypeVar("M", bound=BaseModel)

UNREADABLE_VALUE: Final = (ValueError, TypeError, OverflowError)
"""What reading a value raises that the store never wrote: no JSON, no moment, no number, NULL."""


async def read_rows(
    connection: AsyncConnection, table: Table, query: Select[Any], model: type[M]
) -> list[M]:
    """Return the rows of a select of whole rows.

    Raises:
        CorruptRow: one of them cannot be read.
    """
    rows: list[M] = []
    for row in await _read_each(connection, table, query, model):
        if isinstance(row, CorruptRow):
            raise row
        rows.append(row)
    return rows


async def read_page(
    connection: AsyncConnection,
    table: Table,
    query: Select[Any],
    model: type[M],
    limit: int,
    cursor_of: Callable[[M], Cursor],
) -> Page[M]:
    """Return one page of an ordered select of whole rows.

    Corrupt rows do not count towards the limit, so that the page ends with a row whose sort key
    can be read.
    """
    items: list[M] = []
    corrupt: list[str] = []
    offset = 0
    while len(items) <= limit:
        rows = await _read_each(connection, table, query.limit(limit + 1).offset(offset), model)
        offset += len(rows)
        items += [row for row in rows if not isinstance(row, CorruptRow)]
        corrupt += [row.number for row in rows if isinstance(row, CorruptRow)]
        if len(rows) <= limit:
            break
    page = tuple(items[:limit])
    return Page(page, cursor_of(page[-1]) if len(items) > limit else None, tuple(corrupt))


async def _read_each(
    connection: AsyncConnection, table: Table, query: Select[Any], model: type[M]
) -> Sequence[M | CorruptRow]:
    """Return each row, or in its place the reason why it cannot be read."""
    try:
        rows = (await connection.execute(query)).mappings().all()
        return [model.model_validate(row) for row in rows]
    except UNREADABLE_VALUE:
        return await _read_one_by_one(connection, table, query, model)


async def _read_one_by_one(
    connection: AsyncConnection, table: Table, query: Select[Any], model: type[M]
) -> list[M | CorruptRow]:
    # The values are fetched as the database has them: otherwise one bad value fails the whole
    # result.
    columns = [type_coerce(column, String).label(column.name) for column in table.columns]
    rows = (await connection.execute(query.with_only_columns(*columns))).mappings().all()
    readers = {
        column.name: column.type.dialect_impl(connection.dialect).result_processor(
            connection.dialect, None
        )
        for column in table.columns
    }
    return [_parse(row, readers, table, model) for row in rows]


def _parse(
    row: Mapping[Any, Any], readers: Mapping[str, Any], table: Table, model: type[M]
) -> M | CorruptRow:
    try:
        values = {name: read(row[name]) if read else row[name] for name, read in readers.items()}
        return model.model_validate(values)
    except UNREADABLE_VALUE:
        return CorruptRow(table.name, str(row.get("number", row.get("id"))))
