"""Find rows whose case is missing, and delete those that are derived; knows all case tables.

The database's own constraints allow none, but somebody may write to SQLite's file by other means.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, Table, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.message import Message
from store.attachments.tables import attachment_erasures, attachments
from store.cases.tables import (
    case_goods,
    case_words,
    cases,
    clocks,
    comments,
    entries,
    task_roles,
    tasks,
)
from store.db.session import Sessions
from store.local_orders import local_orders
from store.outbox.tables import outbox

DERIVED: Final = (task_roles, tasks, clocks, case_words, case_goods, attachments)
"""Tables that can be derived from entries, in the order in which rows can be deleted."""

ALL: Final = (
    *(entries, tasks, task_roles, clocks, case_words, case_goods),
    *(outbox, comments, local_orders, attachments, attachment_erasures),
)
"""Tables that name a case, but for intake, which knows a case before its row exists."""


@dataclass(frozen=True)
class Orphan:
    """The number of a case that has no row, and how many rows of it each table has."""

    tenant: str
    number: str
    rows: Mapping[str, int]

    @property
    def summary(self) -> str:
        """Say in words which rows there are."""
        tables = ", ".join(f"{name} ({n})" for name, n in self.rows.items())
        return Message("there is no such case, but rows of it in %(tables)s", tables=tables)


class Orphans:
    """Finds and removes rows whose case is missing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def tenants(self) -> list[str]:
        """Return every tenant of whom any of these tables has a row, even by mistake."""
        tenants: set[str] = set()
        async with self._sessions.reading() as connection:
            for table in ALL:
                query = select(table.c.tenant).distinct().order_by(table.c.tenant)
                tenants.update((await connection.scalars(query)).all())
        return sorted(tenants)

    async def of(self, tenant: str) -> list[Orphan]:
        """Return the missing cases of a tenant, by number."""
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        async with self._sessions.reading() as connection:
            for table in ALL:
                for number, n in await connection.execute(_orphaned(table, tenant)):
                    counts[number][table.name] = n
        return [Orphan(tenant, number, rows) for number, rows in sorted(counts.items())]

    async def remove(self, orphan: Orphan) -> frozenset[str]:
        """Delete the derived rows, and return the tables in which there were any.

        Nothing is deleted if there are entries: they may be all that is left of a case.
        """
        emptied: list[str] = []
        async with self._sessions.writing() as connection:
            if await _exists(connection, orphan):
                return frozenset()
            for table in DERIVED:
                rows = (table.c.tenant == orphan.tenant, table.c.number == orphan.number)
                if (await connection.execute(delete(table).where(*rows))).rowcount:
                    emptied.append(table.name)
        return frozenset(emptied)


def _orphaned(table: Table, tenant: str) -> Select[Any, int]:
    case = (cases.c.tenant == table.c.tenant, cases.c.number == table.c.number)
    query = select(table.c.number, func.count()).where(table.c.tenant == tenant)
    return query.where(~exists().where(*case)).group_by(table.c.number)


async def _exists(connection: AsyncConnection, orphan: Orphan) -> bool:
    for table in (cases, entries):
        rows = (table.c.tenant == orphan.tenant, table.c.number == orphan.number)
        if await connection.scalar(select(exists().where(*rows))):
            return True
    return False
