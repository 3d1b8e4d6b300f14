"""What is in the database at all: whether its tables are there, and whose rows are in them."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.session import Sessions
from store.tables.all import metadata


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
