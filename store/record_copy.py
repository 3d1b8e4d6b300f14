"""Records, which no rebuild can make: read from one store, put into another."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from sqlalchemy import Table, delete, exists, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.all_tables import metadata
from store.audit.tables import audit, audit_waiting
from store.db.raw_rows import Plain, columns, put_plain
from store.db.session import Sessions
from store.db.sql import Insert, insert
from store.outbox.tables import outbox
from store.projection.rows import PROJECTED

PART = 1000
VERSION = "alembic_version"
RECORDS: Final = tuple(table for table in metadata.sorted_tables if table not in PROJECTED)
"""All that is no projection, in the order in which rows must be written."""
MARK: Final = "banjie_unfinished"
"""A table without columns to speak of: as long as it is there, the others are not complete."""


class RecordCopy:
    """Reads and writes records, whoever's they are, without knowing what they mean."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def read(self) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
        """All records of one moment, some rows of a table at a time."""
        async with self._sessions.reading() as connection:
            for table in RECORDS:
                rows = await connection.stream(select(table))
                async for part in rows.mappings().partitions(PART):
                    yield table.name, [dict(row) for row in part]

    async def read_raw(self) -> AsyncIterator[tuple[str, list[Plain]]]:
        """The same, as a store of the same dialect takes them with `put_raw`."""
        async with self._sessions.reading() as connection:
            for table in RECORDS:
                wanted = select(*columns(table, table.columns.keys()))
                rows = await connection.stream(wanted)
                async for part in rows.partitions(PART):
                    yield table.name, [tuple(row) for row in part]

    async def put_raw(self, name: str, rows: list[Plain]) -> None:
        """Write such rows."""
        table = metadata.tables[name]
        async with self._sessions.writing() as connection:
            names = table.columns.keys()
            await put_plain(connection, _once(connection, table), names, rows)

    async def put(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows; what became of a message is known better by the store it comes from."""
        table = metadata.tables[name]
        async with self._sessions.writing() as connection:
            await connection.execute(_once(connection, table), list(rows))

    async def settle(self) -> None:
        """Entries that have their place in the ledger wait for none."""
        same = (audit.c[name] == audit_waiting.c[name] for name in ("tenant", "kind", "id", "seq"))
        async with self._sessions.writing() as connection:
            await connection.execute(delete(audit_waiting).where(exists().where(*same)))

    async def is_empty(self) -> bool:
        """Whether no table has a row, and none is somebody else's."""
        async with self._sessions.reading() as connection:
            there = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
            ours = [table for table in metadata.sorted_tables if table.name in there]
            if there - {table.name for table in ours} - {MARK, VERSION}:
                return False
            for table in ours:
                if await connection.scalar(select(exists(select(table.c.tenant)))):
                    return False
        return True

    async def mark(self) -> None:
        """Say that what is there is not complete."""
        async with self._sessions.writing() as connection:
            await connection.execute(text(f"CREATE TABLE IF NOT EXISTS {MARK} (a INTEGER)"))

    async def unmark(self) -> None:
        """Say that it is."""
        async with self._sessions.writing() as connection:
            await connection.execute(text(f"DROP TABLE IF EXISTS {MARK}"))

    async def is_marked(self) -> bool:
        """Whether it was said not to be complete."""
        async with self._sessions.reading() as connection:
            return await connection.run_sync(lambda c: inspect(c).has_table(MARK))

    async def clear(self) -> None:
        """Take every row out again."""
        async with self._sessions.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))


def _once(connection: AsyncConnection, table: Table) -> Insert:
    """Leaves alone what is there, but for messages: what became of them is known better."""
    row = insert(connection, table)
    if table is not outbox:
        return row.on_conflict_do_nothing()
    changed = {c.name: row.excluded[c.name] for c in table.c if not c.primary_key}
    return row.on_conflict_do_update(index_elements=table.primary_key, set_=changed)
