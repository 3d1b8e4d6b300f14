"""The rows of the audit log, as verification and proofs read them."""

from sqlalchemy import Select, select

from store.audit.records import Leaf, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.session import Sessions

ENTRY = LeafKind.ENTRY.value
COLUMNS = [audit.c[name] for name in ("position", "kind", "id", "seq", "hash", "body")]


class AuditReader:
    """Reads sealed rows with their positions, and the hashes that still wait to be sealed."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(self, tenant: str, after: int, limit: int) -> list[tuple[int, Leaf]]:
        """Return sealed rows with their positions, in order, from the one after `after`."""
        query = select(*COLUMNS).where(audit.c.tenant == tenant, audit.c.position > after)
        return await self._rows(query.order_by(audit.c.position).limit(limit))

    async def of(self, tenant: str, number: str) -> list[tuple[int, Leaf]]:
        """Return the sealed rows of a case with their positions, by seq."""
        case = (audit.c.tenant == tenant, audit.c.kind == ENTRY, audit.c.id == number)
        return await self._rows(select(*COLUMNS).where(*case).order_by(audit.c.seq))

    async def waiting(self, tenant: str, number: str) -> dict[int, str]:
        """Return the hashes of a case's entries that are not sealed yet, by seq."""
        rows = audit_waiting
        case = (rows.c.tenant == tenant, rows.c.kind == ENTRY, rows.c.id == number)
        query = select(rows.c.seq, rows.c.hash).where(*case).order_by(rows.c.seq)
        async with self._sessions.reading() as connection:
            return {row.seq: row.hash for row in await connection.execute(query)}

    async def last(self, tenant: str) -> int:
        """Return the position of the last sealed row, or 0."""
        query = select(audit.c.position).where(audit.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            last = await connection.scalar(query.order_by(audit.c.position.desc()).limit(1))
        return last or 0

    async def _rows(
        self, query: Select[int, str, str, int, str, str | None]
    ) -> list[tuple[int, Leaf]]:
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [(row[0], Leaf(row[1], row[2], row[3], row[4], row[5])) for row in rows]
