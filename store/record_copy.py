"""Copy records, which no rebuild can make, from one store to another; knows all tables."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from sqlalchemy import Table, delete, exists, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.all_tables import metadata
from store.attachments.tables import attachment_erasures
from store.audit.tables import audit, audit_waiting
from store.changes.tables import changes
from store.customers.tables import customers, point_holders
from store.db.raw_rows import RawRow, columns, insert_raw_rows
from store.db.session import Sessions
from store.db.sql import Insert, insert
from store.drafts.tables import drafts
from store.outbox.tables import outbox
from store.presence import presence
from store.projection.rows import PROJECTED
from store.saved_views import saved_views
from store.scheduled.tables import scheduled_messages
from store.sign_in.tables import EPHEMERAL

ROWS_AT_ONCE = 1000
VERSION = "alembic_version"
FLEETING: Final = (*EPHEMERAL, changes, presence)
"""Tables whose rows mean nothing in another store."""
RECORDS: Final = tuple(
    table for table in metadata.sorted_tables if table not in (*PROJECTED, *FLEETING)
)
"""All tables that are no projection and outlive this store, in the order of writing."""
CHANGING: Final = (
    *(outbox, drafts, saved_views, scheduled_messages, customers, point_holders),
    attachment_erasures,
)
"""Tables whose rows change after they are written, so that a later copy knows better."""
MARK: Final = "banjie_unfinished"
"""A table that exists as long as the others are not complete."""


class RecordCopy:
    """Reads and writes the records of all tenants, without knowing what they mean."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def read(self) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
        """Yield all records, all of one moment, some rows of a table at a time."""
        async with self._sessions.reading() as connection:
            for table in RECORDS:
                rows = await connection.stream(select(table))
                async for part in rows.mappings().partitions(ROWS_AT_ONCE):
                    yield table.name, [dict(row) for row in part]

    async def read_raw(self) -> AsyncIterator[tuple[str, list[RawRow]]]:
        """Yield the same as raw rows, which `put_raw` of a store of the same dialect takes."""
        async with self._sessions.reading() as connection:
            for table in RECORDS:
                query = select(*columns(table, table.columns.keys()))
                rows = await connection.stream(query)
                async for part in rows.partitions(ROWS_AT_ONCE):
                    yield table.name, [tuple(row) for row in part]

    async def put_raw(self, name: str, rows: list[RawRow]) -> None:
        """Write raw rows of a table."""
        table = metadata.tables[name]
        async with self._sessions.writing() as connection:
            names = table.columns.keys()
            await insert_raw_rows(connection, _adding(connection, table), names, rows)

    async def put(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows of a table."""
        table = metadata.tables[name]
        async with self._sessions.writing() as connection:
            await connection.execute(_adding(connection, table), list(rows))

    async def drop_sealed_waiting(self) -> None:
        """Delete waiting rows of the audit log that are sealed already."""
        same = (audit.c[name] == audit_waiting.c[name] for name in ("tenant", "kind", "id", "seq"))
        async with self._sessions.writing() as connection:
            await connection.execute(delete(audit_waiting).where(exists().where(*same)))

    async def is_empty(self) -> bool:
        """Return whether no table has a row, and every table is one of ours."""
        async with self._sessions.reading() as connection:
            present = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
            ours = [table for table in metadata.sorted_tables if table.name in present]
            if present - {table.name for table in ours} - {MARK, VERSION}:
                return False
            for table in ours:
                if await connection.scalar(select(exists(select(table.c.tenant)))):
                    return False
        return True

    async def mark(self) -> None:
        """Mark the store as incomplete."""
        async with self._sessions.writing() as connection:
            await connection.execute(text(f"CREATE TABLE IF NOT EXISTS {MARK} (a INTEGER)"))

    async def unmark(self) -> None:
        """Mark the store as complete."""
        async with self._sessions.writing() as connection:
            await connection.execute(text(f"DROP TABLE IF EXISTS {MARK}"))

    async def is_marked(self) -> bool:
        """Return whether the store is marked as incomplete."""
        async with self._sessions.reading() as connection:
            return await connection.run_sync(lambda c: inspect(c).has_table(MARK))

    async def drop_ephemeral(self) -> None:
        """Delete what another store must not go on with: sessions, one-time links, attempts."""
        async with self._sessions.writing() as connection:
            present = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
            for table in EPHEMERAL:
                if table.name in present:
                    await connection.execute(delete(table))

    async def clear(self) -> None:
        """Delete every row."""
        async with self._sessions.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))


def _adding(connection: AsyncConnection, table: Table) -> Insert:
    """Return an INSERT that keeps existing rows but overwrites what changes: the copy is newer."""
    row = insert(connection, table)
    if table not in CHANGING:
        return row.on_conflict_do_nothing()
    changed = {c.name: row.excluded[c.name] for c in table.c if not c.primary_key}
    return row.on_conflict_do_update(index_elements=table.primary_key, set_=changed)
