"""Seal the audit log: give waiting rows positions, and write a checkpoint that covers them."""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.records import CheckpointRow, Leaf
from store.audit.tables import audit, audit_checkpoints, audit_waiting
from store.db.session import Sessions

LEAF = ("kind", "id", "seq", "hash", "body")
KEY = LEAF[:3]
BEFORE_FIRST = CheckpointRow(n=0, count=0, peaks="", document="")

Cover = Callable[[CheckpointRow, Sequence[Leaf]], CheckpointRow]
"""Makes the checkpoint that follows this one and covers these rows too."""


class AuditSealer:
    """Seals rows. Of two processes that seal at once, one succeeds and the other does nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def tenants(self) -> list[str]:
        """Return the tenants with rows that wait."""
        query = select(audit_waiting.c.tenant).distinct().order_by(audit_waiting.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def sealed_tenants(self) -> list[str]:
        """Return the tenants with checkpoints."""
        query = select(audit_checkpoints.c.tenant).distinct().order_by(audit_checkpoints.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def waiting(self, tenant: str, limit: int) -> int:
        """Count the rows that wait, up to `limit`."""
        query = select(audit_waiting.c.seq).where(audit_waiting.c.tenant == tenant).limit(limit)
        async with self._sessions.reading() as connection:
            return len((await connection.execute(query)).all())

    async def newest(self, tenant: str) -> CheckpointRow:
        """Return the newest checkpoint; if there is none, the one before the first."""
        async with self._sessions.reading() as connection:
            return await _newest(connection, tenant)

    async def after(self, tenant: str, n: int) -> list[CheckpointRow]:
        """Return the checkpoints after number `n`, in order."""
        rows = audit_checkpoints
        query = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document).where(
            rows.c.tenant == tenant, rows.c.n > n
        )
        async with self._sessions.reading() as connection:
            return [
                CheckpointRow(*row) for row in await connection.execute(query.order_by(rows.c.n))
            ]

    async def page(self, tenant: str, before: int | None, limit: int) -> list[CheckpointRow]:
        """Return checkpoints, the newest first, from the one before number `before`."""
        rows = audit_checkpoints
        query = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document)
        query = query.where(rows.c.tenant == tenant).order_by(rows.c.n.desc()).limit(limit)
        if before is not None:
            query = query.where(rows.c.n < before)
        async with self._sessions.reading() as connection:
            return [CheckpointRow(*row) for row in await connection.execute(query)]

    async def covering(self, tenant: str, position: int) -> CheckpointRow | None:
        """Return the first checkpoint that covers a position of the log."""
        rows = audit_checkpoints
        query = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document)
        query = query.where(rows.c.tenant == tenant, rows.c.count >= position)
        async with self._sessions.reading() as connection:
            row = (await connection.execute(query.order_by(rows.c.n).limit(1))).first()
        return CheckpointRow(*row) if row else None

    async def seal(self, tenant: str, limit: int, cover: Cover) -> CheckpointRow | None:
        """Seal up to `limit` waiting rows; return the new checkpoint, None if nothing waits.

        Another process that seals at the same moment takes the same positions, and only one of
        the two gets them; the other returns None.

        Raises:
            StoreDown
        """
        try:
            async with self._sessions.writing() as connection:
                last = await _newest(connection, tenant)
                waiting = await _waiting(connection, tenant, limit)
                fresh = await _not_sealed(connection, tenant, waiting)
                checkpoint = cover(last, fresh) if fresh else None
                if checkpoint:
                    await _add_sealed(connection, tenant, last.count, fresh)
                    row = {"tenant": tenant, **vars(checkpoint)}
                    await connection.execute(insert(audit_checkpoints).values(row))
                await _delete_waiting(connection, tenant, waiting)
                return checkpoint
        except IntegrityError:
            return None


async def _newest(connection: AsyncConnection, tenant: str) -> CheckpointRow:
    rows = audit_checkpoints
    query = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document)
    query = query.where(rows.c.tenant == tenant).order_by(rows.c.n.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return CheckpointRow(*row) if row else BEFORE_FIRST


async def _waiting(connection: AsyncConnection, tenant: str, limit: int) -> list[Leaf]:
    query = select(*(audit_waiting.c[name] for name in LEAF))
    query = query.where(audit_waiting.c.tenant == tenant)
    order = [audit_waiting.c[name] for name in KEY]
    rows = await connection.execute(query.order_by(*order).limit(limit))
    return [Leaf(*row) for row in rows]


async def _not_sealed(
    connection: AsyncConnection, tenant: str, waiting: Sequence[Leaf]
) -> list[Leaf]:
    """Return the rows without a position: an entry that is written again keeps the one it had."""
    if not waiting:
        return []
    query = select(audit.c.kind, audit.c.id, audit.c.seq).where(
        audit.c.tenant == tenant,
        audit.c.kind.in_({leaf.kind for leaf in waiting}),
        audit.c.id.in_({leaf.id for leaf in waiting}),
    )
    sealed = {tuple(row) for row in await connection.execute(query)}
    return [leaf for leaf in waiting if (leaf.kind, leaf.id, leaf.seq) not in sealed]


async def _add_sealed(
    connection: AsyncConnection, tenant: str, count: int, fresh: Sequence[Leaf]
) -> None:
    rows = [
        {"tenant": tenant, "position": position, **leaf._asdict()}
        for position, leaf in enumerate(fresh, start=count + 1)
    ]
    await connection.execute(insert(audit), rows)


async def _delete_waiting(connection: AsyncConnection, tenant: str, read: Sequence[Leaf]) -> None:
    """Delete the rows that were read, and none that came since."""
    this = (audit_waiting.c[name] == bindparam(f"its_{name}") for name in KEY)
    statement = delete(audit_waiting).where(audit_waiting.c.tenant == tenant, *this)
    keys = [{f"its_{name}": getattr(leaf, name) for name in KEY} for leaf in read]
    if keys:
        await connection.execute(statement, keys)
