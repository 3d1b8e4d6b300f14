"""How the database itself is: what time it has, how SQLite keeps its journal, what waits long."""

from datetime import UTC, datetime

from sqlalchemy import func, select, text

from store.records import Delivery
from store.session import Sessions
from store.tables.talk import outbox


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
