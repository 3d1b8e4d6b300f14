"""The feed of changes: appended to in the transaction of what changed, and read in order."""

from datetime import datetime
from functools import cache

from sqlalchemy import delete, func, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from store.changes.reader import COLUMNS, ChangeReader
from store.changes.records import ChangeName, StoredChange
from store.changes.tables import changes
from store.db.clock import utc_now
from store.db.session import Sessions


class Changes:
    """Reads the feed; whoever changes something appends to it with `add_change`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def reader(self) -> ChangeReader:
        """Return a reader of all that changes from now on, of all tenants."""
        return ChangeReader(self._sessions)

    async def newest(self) -> int:
        """Return the newest id; 0 while there is none."""
        async with self._sessions.reading() as connection:
            return int(await connection.scalar(select(func.max(changes.c.id))) or 0)

    async def after(self, tenant: str, id: int, limit: int) -> list[StoredChange] | None:
        """Return a tenant's changes after an id; None if nobody knows them all any more.

        That is so where rows were pruned since, or where the id is from before a restore.
        """
        # Each by itself: SQLite finds both at once only by reading everything.
        oldest_id = select(func.min(changes.c.id)).scalar_subquery()
        newest_id = select(func.max(changes.c.id)).scalar_subquery()
        query = select(*COLUMNS).where(changes.c.tenant == tenant, changes.c.id > id)
        async with self._sessions.reading() as connection:
            oldest, newest = (await connection.execute(select(oldest_id, newest_id))).one()
            if (oldest is None and id) or (oldest and not oldest - 1 <= id <= newest):
                return None
            rows = await connection.execute(query.order_by(changes.c.id).limit(limit))
            return [StoredChange(*row) for row in rows]

    async def prune(self, before: datetime) -> int:
        """Delete what is older, and return how much; the newest stays, so that ids go on."""
        newest = select(func.max(changes.c.id)).scalar_subquery()
        old = delete(changes).where(changes.c.at < before, changes.c.id < newest)
        async with self._sessions.writing() as connection:
            return (await connection.execute(old)).rowcount


async def add_change(
    connection: AsyncConnection,
    tenant: str,
    name: ChangeName,
    subject: str,
    *,
    version: int = 0,
    person: str | None = None,
) -> None:
    """Append a change, as part of the transaction of what changed."""
    row = {
        "tenant": tenant,
        "name": name.value,
        "subject": subject,
        "version": version,
        "person": person,
        "at": utc_now(),
    }
    await connection.execute(_adding(connection.dialect.name), row)


@cache
def _adding(dialect: str) -> Insert:
    """Return the statement that appends a row under the next id."""
    if dialect != "sqlite":
        return plain_insert(changes)
    following = select(func.coalesce(func.max(changes.c.id), 0) + 1).scalar_subquery()
    return plain_insert(changes).values(id=following)
