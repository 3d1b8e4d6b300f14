"""Cases as rows ready to be written, and as they were written: for many, without a look inside."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.acts import hash_rows
from store.plain import Plain, columns, plain, put_plain
from store.projection.rows import COLUMNS, COMPARED, KEYS, TABLES, WHICH, Rows, whole
from store.projection.writing import hashes, untold
from store.sql import insert
from store.tables.audit import audit_waiting
from store.tables.talk import outbox

Packed = Mapping[str, list[Plain]]
"""Rows by table, as the driver takes them; those of the ledger with them."""

WAITING: Final = tuple(audit_waiting.columns.keys())
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(
        c.name
        for c in table.columns
        if table is not outbox or c.name in {*WHICH, *KEYS[name], *COLUMNS[name], *untold()}
    )
    for name, table in TABLES.items()
}
"""In the tables' order, as an INSERT has them."""
SEEN: Final = {name: ("number", *KEYS[name], *COMPARED[name]) for name in TABLES}


def pack(dialect: str, tenant: str, made: Mapping[str, Rows]) -> Packed:
    """The rows of cases whose chains hold, by number; their messages are never sent."""
    packed: dict[str, list[Plain]] = {}
    for name, table in TABLES.items():
        ours = (whole(name, (tenant, number), rows[name]) for number, rows in made.items())
        more = untold() if table is outbox else {}
        rows = (row | more for row in chain.from_iterable(ours))
        packed[name] = plain(dialect, table, NAMES[name], rows)
    waiting = hash_rows(tenant, {number: hashes(rows) for number, rows in made.items()})
    packed[audit_waiting.name] = plain(dialect, audit_waiting, WAITING, waiting)
    return packed


async def put_packed(connection: AsyncConnection, packed: Packed) -> None:
    """Write cases that are not there."""
    for name, table in TABLES.items():
        await put_plain(connection, insert(connection, table), NAMES[name], packed[name])
    waits = insert(connection, audit_waiting).on_conflict_do_nothing()
    await put_plain(connection, waits, WAITING, packed[audit_waiting.name])


async def read_plain(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, set[Plain]]:
    """All that is compared of these cases, as the database has it; each row with its table."""
    found: dict[str, set[Plain]] = {number: set() for number in numbers}
    for name, table in TABLES.items():
        wanted = select(*columns(table, SEEN[name]))
        mine = wanted.where(table.c.tenant == tenant, table.c.number.in_(numbers))
        for row in await connection.execute(mine):
            found[row[0]].add((name, *row))
    return found
