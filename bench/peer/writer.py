"""The bare workflow's activities: plain SQL, one transaction each, safe to repeat."""

import asyncio
from typing import Any

import aiosqlite
from temporalio import activity

from bench.peer.workflow import Rows

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
KEYS = {
    "cases": ("tenant", "number"),
    "entries": ("tenant", "number", "seq"),
    "tasks": ("tenant", "number", "seq"),
    "task_roles": ("tenant", "role", "number", "seq"),
    "clocks": ("tenant", "number", "clock", "instance"),
    "case_words": ("tenant", "received_at", "number"),
    "outbox": ("tenant", "number", "seq", "n"),
    "audit_waiting": ("tenant", "kind", "id", "seq"),
}
"""By table, in the order in which they are written."""


class Writer:
    """One connection, one writer at a time."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection, self._turn = connection, asyncio.Lock()

    @classmethod
    async def open(cls, path: str) -> "Writer":
        """A writer on a database that has the tables."""
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=10)
        for pragma in PRAGMAS:
            await connection.execute(f"PRAGMA {pragma}")
        return cls(connection)

    async def close(self) -> None:
        await self._connection.close()

    @activity.defn
    async def record(self, rows: Rows) -> None:
        """Write what a step brought."""
        await self._write(rows)

    @activity.defn
    async def tell(self, rows: Rows) -> None:
        """Keep the message to the customer as told."""
        await self._write(rows)

    async def _write(self, rows: Rows) -> None:
        async with self._turn:
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                for table in KEYS:
                    if given := rows.get(table):
                        await self._upsert(table, given)
                await self._connection.execute("COMMIT")
            except BaseException:
                await self._connection.execute("ROLLBACK")
                raise

    async def _upsert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if table == "tasks":
            done = ", ".join(str(row["seq"]) for row in rows)
            gone = f"DELETE FROM task_roles WHERE tenant = ? AND number = ? AND seq IN ({done})"  # noqa: S608 — whole numbers of ours
            await self._connection.execute(gone, (rows[0]["tenant"], rows[0]["number"]))
        names = list(rows[0])
        listed = ", ".join(f'"{name}"' for name in names)
        fresh = ", ".join(f'"{n}" = excluded."{n}"' for n in names if n not in KEYS[table])
        does = f"UPDATE SET {fresh}" if fresh else "NOTHING"
        statement = (
            f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608 — names of ours
            f"ON CONFLICT ({', '.join(KEYS[table])}) DO {does}"
        )
        await self._connection.executemany(statement, [tuple(row.values()) for row in rows])
