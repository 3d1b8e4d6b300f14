"""The sealed rows of the ledger, as those read them who verify or prove."""

from sqlalchemy import Select, select

from store.audit.records import Leaf, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.session import Sessions

ENTRY = LeafKind.ENTRY.value
COLUMNS = [audit.c[name] for name in ("position", "kind", "id", "seq", "hash", "body")]


class AuditReader:
    """Reads rows that have their place, and says what still waits for one."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(self, tenant: str, after: int, limit: int) -> list[tuple[int, Leaf]]:
        """Rows with their positions, in order, behind this one."""
        wanted = select(*COLUMNS).where(audit.c.tenant == tenant, audit.c.position > after)
        return await self._rows(wanted.order_by(audit.c.position).limit(limit))

    async def of(self, tenant: str, number: str) -> list[tuple[int, Leaf]]:
        """The rows of a case with their positions, by seq."""
        mine = (audit.c.tenant == tenant, audit.c.kind == ENTRY, audit.c.id == number)
        return await self._rows(select(*COLUMNS).where(*mine).order_by(audit.c.seq))

    async def waiting(self, tenant: str, number: str) -> dict[int, str]:
        """The hashes of a case's entries that are not sealed yet, by seq."""
        rows = audit_waiting
        mine = (rows.c.tenant == tenant, rows.c.kind == ENTRY, rows.c.id == number)
        wanted = select(rows.c.seq, rows.c.hash).where(*mine).order_by(rows.c.seq)
        async with self._sessions.reading() as connection:
            return {row.seq: row.hash for row in await connection.execute(wanted)}

    async def last(self, tenant: str) -> int:
        """The position of the last sealed row, or 0."""
        positions = select(audit.c.position).where(audit.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            found = await connection.scalar(positions.order_by(audit.c.position.desc()).limit(1))
        return found or 0

    async def _rows(
        self, wanted: Select[int, str, str, int, str, str | None]
    ) -> list[tuple[int, Leaf]]:
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(wanted)).all()
        return [(row[0], Leaf(row[1], row[2], row[3], row[4], row[5])) for row in rows]
