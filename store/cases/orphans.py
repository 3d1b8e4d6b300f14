"""Finds rows of cases that are not there, and takes away those that are only derived.

The database itself allows none; somebody who writes to SQLite's file by other means may.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, Table, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.tables import cases, clocks, entries, task_roles, tasks
from store.comments import comments
from store.db.session import Sessions
from store.local_orders import ledger
from store.outbox.tables import outbox


@dataclass(frozen=True)
class Orphan:
    """The number of a case that has no row, and how many rows each table has of it."""

    tenant: str
    number: str
    rows: Mapping[str, int]

    @property
    def told(self) -> str:
        """What there is, in words."""
        there = ", ".join(f"{name} ({n})" for name, n in self.rows.items())
        return f"there is no such case, but rows of it in {there}"


DERIVED: Final = (task_roles, tasks, clocks)
"""They say nothing of their own. In the order in which they can be taken away."""

ALL: Final = (entries, tasks, task_roles, clocks, outbox, comments, ledger)


class Orphans:
    """Looks at every table that names cases by number, but those that may know one before us."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def tenants(self) -> list[str]:
        """Everybody of whom any of these tables has a row; one may be there by mistake."""
        found: set[str] = set()
        async with self._sessions.reading() as connection:
            for table in ALL:
                wanted = select(table.c.tenant).distinct().order_by(table.c.tenant)
                found.update((await connection.scalars(wanted)).all())
        return sorted(found)

    async def of(self, tenant: str) -> list[Orphan]:
        """The cases of a tenant that are not there, by number."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        async with self._sessions.reading() as connection:
            for table in ALL:
                for number, n in await connection.execute(_lost(table, tenant)):
                    found[number][table.name] = n
        return [Orphan(tenant, number, rows) for number, rows in sorted(found.items())]

    async def remove(self, stray: Orphan) -> frozenset[str]:
        """Take away what is derived, and say from which tables.

        Nothing, if there are entries: they may be all that is left of a case.
        """
        gone: list[str] = []
        async with self._sessions.writing() as connection:
            if await _known(connection, stray):
                return frozenset()
            for table in DERIVED:
                mine = (table.c.tenant == stray.tenant, table.c.number == stray.number)
                if (await connection.execute(delete(table).where(*mine))).rowcount:
                    gone.append(table.name)
        return frozenset(gone)


def _lost(table: Table, tenant: str) -> Select[Any, int]:
    here = (cases.c.tenant == table.c.tenant, cases.c.number == table.c.number)
    wanted = select(table.c.number, func.count()).where(table.c.tenant == tenant)
    return wanted.where(~exists().where(*here)).group_by(table.c.number)


async def _known(connection: AsyncConnection, stray: Orphan) -> bool:
    for table in (cases, entries):
        mine = (table.c.tenant == stray.tenant, table.c.number == stray.number)
        if await connection.scalar(select(exists().where(*mine))):
            return True
    return False
