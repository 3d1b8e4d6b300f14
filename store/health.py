"""How the database is: its time, its journal, its tables and tenants; looks over all subjects."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.message import Message
from store.all_tables import metadata
from store.db.session import Sessions
from store.outbox.records import Delivery
from store.outbox.tables import outbox


class Health:
    """What the doctor and the health routes ask of the database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def now(self) -> datetime:
        """Return the database's time, to the second."""
        async with self._sessions.reading() as connection:
            now = await connection.scalar(text("SELECT CURRENT_TIMESTAMP"))
        at = now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    async def journal(self) -> str | None:
        """Return SQLite's journal mode, None on PostgreSQL."""
        async with self._sessions.reading() as connection:
            if connection.dialect.name != "sqlite":
                return None
            return str(await connection.scalar(text("PRAGMA journal_mode")))

    async def oldest_pending(self, tenant: str) -> datetime | None:
        """Return when the oldest message was written that waits for a dispatcher."""
        query = select(func.min(outbox.c.at)).where(
            outbox.c.tenant == tenant,
            outbox.c.status == Delivery.PENDING.value,
            outbox.c.next_at.is_not(None),
        )
        async with self._sessions.reading() as connection:
            oldest: datetime | None = await connection.scalar(query)
            return oldest


class Inventory:
    """Lists tables and tenants, and reads nothing else of theirs."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def missing(self, names: Iterable[str]) -> list[str]:
        """Say which of these tables, or which of their columns, the database does not have."""
        tables = [metadata.tables[name] for name in names]
        async with self._sessions.reading() as connection:
            present = await connection.run_sync(_columns)
        return [each for table in tables for each in _missing(table, present.get(table.name))]

    async def tenants(self) -> dict[str, list[str]]:
        """Return, by tenant, the tables in which there are rows of theirs."""
        tables: dict[str, list[str]] = {}
        async with self._sessions.reading() as connection:
            present = await connection.run_sync(_columns)
            for table in metadata.sorted_tables:
                if "tenant" in present.get(table.name, ()):
                    for tenant in await _tenants(connection, table):
                        tables.setdefault(tenant, []).append(table.name)
        return tables


def _columns(connection: Connection) -> dict[str, set[str]]:
    inspector = inspect(connection)
    return {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name in metadata.tables
    }


def _missing(table: Table, present: set[str] | None) -> list[str]:
    if present is None:
        return [Message("the table %(name)s is not there", name=table.name)]
    missing = [column.name for column in table.columns if column.name not in present]
    return [
        Message("the table %(name)s has no column %(column)s", name=table.name, column=name)
        for name in missing
    ]


async def _tenants(connection: AsyncConnection, table: Table) -> list[str]:
    """Step from tenant to tenant by the primary key: there are many rows, but few tenants.

    The database does the stepping: what it keeps may be no text, and read and sent back it would
    be another value, that is never passed.
    """
    found = select(func.min(table.c.tenant).label("tenant")).cte("found", recursive=True)
    following = select(func.min(table.c.tenant)).where(table.c.tenant > found.c.tenant)
    found = found.union_all(select(following.scalar_subquery()).where(found.c.tenant.is_not(None)))
    tenants = await connection.scalars(select(found.c.tenant).where(found.c.tenant.is_not(None)))
    # SQLite keeps anything in any column.
    return [tenant if isinstance(tenant, str) else repr(tenant) for tenant in tenants]
