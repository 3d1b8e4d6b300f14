"""How the database itself is: what time it has, how SQLite keeps its journal, what waits long."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.all_tables import metadata
from store.db.session import Sessions
from store.outbox.records import Delivery
from store.outbox.tables import outbox


class Health:
    """Looks, and changes nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def now(self) -> datetime:
        """What time the database has, to the second."""
        async with self._sessions.reading() as connection:
            told = await connection.scalar(text("SELECT CURRENT_TIMESTAMP"))
        at = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    async def journal(self) -> str | None:
        """SQLite's journal mode; None on PostgreSQL."""
        async with self._sessions.reading() as connection:
            if connection.dialect.name != "sqlite":
                return None
            return str(await connection.scalar(text("PRAGMA journal_mode")))

    async def oldest_pending(self, tenant: str) -> datetime | None:
        """When the message was written that waits longest to be delivered by a dispatcher."""
        wanted = select(func.min(outbox.c.at)).where(
            outbox.c.tenant == tenant,
            outbox.c.status == Delivery.PENDING.value,
            outbox.c.next_at.is_not(None),
        )
        async with self._sessions.reading() as connection:
            found: datetime | None = await connection.scalar(wanted)
            return found


class Inventory:
    """Looks over all tenants, and sees nothing of theirs but whose it is."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def lacks(self, names: Iterable[str]) -> list[str]:
        """What is not there of these tables, in words: a table, or columns of one."""
        tables = [metadata.tables[name] for name in names]
        async with self._sessions.reading() as connection:
            there = await connection.run_sync(_columns)
        return [lack for table in tables for lack in _lacks(table, there.get(table.name))]

    async def tenants(self) -> dict[str, list[str]]:
        """By tenant, the tables in which there are rows of theirs."""
        found: dict[str, list[str]] = {}
        async with self._sessions.reading() as connection:
            there = await connection.run_sync(_columns)
            for table in metadata.sorted_tables:
                if "tenant" in there.get(table.name, ()):
                    for tenant in await _tenants(connection, table):
                        found.setdefault(tenant, []).append(table.name)
        return found


def _columns(connection: Connection) -> dict[str, set[str]]:
    look = inspect(connection)
    return {
        name: {column["name"] for column in look.get_columns(name)}
        for name in look.get_table_names()
        if name in metadata.tables
    }


def _lacks(table: Table, there: set[str] | None) -> list[str]:
    if there is None:
        return [f"the table {table.name} is not there"]
    missing = [column.name for column in table.columns if column.name not in there]
    return [f"the table {table.name} has no column {name}" for name in missing]


async def _tenants(connection: AsyncConnection, table: Table) -> list[str]:
    """From each to the next by the table's own index: there are many rows, and few tenants."""
    first = select(func.min(table.c.tenant))
    found: list[str] = []
    tenant = await connection.scalar(first)
    while tenant is not None:
        # SQLite keeps anything in any column.
        found.append(tenant if isinstance(tenant, str) else repr(tenant))
        tenant = await connection.scalar(first.where(table.c.tenant > tenant))
    return found
