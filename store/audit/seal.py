"""Sealing: what waits gets its place in the ledger, and a checkpoint that covers it."""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.records import Leaf, Peaks
from store.audit.tables import audit, audit_checkpoints, audit_waiting
from store.db.session import Sessions

LEAF = ("kind", "id", "seq", "hash", "body")
KEY = LEAF[:3]
NONE = Peaks(n=0, count=0, peaks="", document="")

Cover = Callable[[Peaks, Sequence[Leaf]], Peaks]
"""Makes the checkpoint after this one, which covers these rows too."""


class AuditSealer:
    """Gives rows their places. Of two who seal at once, one does it and the other does nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def tenants(self) -> list[str]:
        """Those of whom something waits."""
        wanted = select(audit_waiting.c.tenant).distinct().order_by(audit_waiting.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(wanted)).all())

    async def sealed_tenants(self) -> list[str]:
        """Those of whom there are checkpoints."""
        wanted = select(audit_checkpoints.c.tenant).distinct().order_by(audit_checkpoints.c.tenant)
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(wanted)).all())

    async def waiting(self, tenant: str, limit: int) -> int:
        """How many rows wait; counts to `limit` at most."""
        some = select(audit_waiting.c.seq).where(audit_waiting.c.tenant == tenant).limit(limit)
        async with self._sessions.reading() as connection:
            return len((await connection.execute(some)).all())

    async def newest(self, tenant: str) -> Peaks:
        """The newest checkpoint; the one before the first, if there is none."""
        async with self._sessions.reading() as connection:
            return await _newest(connection, tenant)

    async def after(self, tenant: str, n: int) -> list[Peaks]:
        """The checkpoints behind this one, in order."""
        rows = audit_checkpoints
        wanted = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document).where(
            rows.c.tenant == tenant, rows.c.n > n
        )
        async with self._sessions.reading() as connection:
            return [Peaks(*row) for row in await connection.execute(wanted.order_by(rows.c.n))]

    async def seal(self, tenant: str, limit: int, cover: Cover) -> Peaks | None:
        """Seal what waits, as far as `limit` reaches; None if nothing waits.

        Another who seals at the same moment takes the same places, and only one gets them.

        Raises:
            StoreDown
        """
        try:
            async with self._sessions.writing() as connection:
                last = await _newest(connection, tenant)
                waiting = await _waiting(connection, tenant, limit)
                fresh = await _not_sealed(connection, tenant, waiting)
                done = cover(last, fresh) if fresh else None
                if done:
                    await _place(connection, tenant, last.count, fresh)
                    row = {"tenant": tenant, **vars(done)}
                    await connection.execute(insert(audit_checkpoints).values(row))
                await _forget(connection, tenant, waiting)
                return done
        except IntegrityError:
            return None


async def _newest(connection: AsyncConnection, tenant: str) -> Peaks:
    rows = audit_checkpoints
    wanted = select(rows.c.n, rows.c.count, rows.c.peaks, rows.c.document)
    wanted = wanted.where(rows.c.tenant == tenant).order_by(rows.c.n.desc()).limit(1)
    row = (await connection.execute(wanted)).first()
    return Peaks(*row) if row else NONE


async def _waiting(connection: AsyncConnection, tenant: str, limit: int) -> list[Leaf]:
    wanted = select(*(audit_waiting.c[name] for name in LEAF))
    wanted = wanted.where(audit_waiting.c.tenant == tenant)
    order = [audit_waiting.c[name] for name in KEY]
    rows = await connection.execute(wanted.order_by(*order).limit(limit))
    return [Leaf(*row) for row in rows]


async def _not_sealed(
    connection: AsyncConnection, tenant: str, waiting: Sequence[Leaf]
) -> list[Leaf]:
    """Those that have no place yet: an entry that is written anew keeps the one it had."""
    if not waiting:
        return []
    known = select(audit.c.kind, audit.c.id, audit.c.seq).where(
        audit.c.tenant == tenant,
        audit.c.kind.in_({leaf.kind for leaf in waiting}),
        audit.c.id.in_({leaf.id for leaf in waiting}),
    )
    placed = {tuple(row) for row in await connection.execute(known)}
    return [leaf for leaf in waiting if (leaf.kind, leaf.id, leaf.seq) not in placed]


async def _place(
    connection: AsyncConnection, tenant: str, count: int, fresh: Sequence[Leaf]
) -> None:
    rows = [
        {"tenant": tenant, "position": position, **leaf._asdict()}
        for position, leaf in enumerate(fresh, start=count + 1)
    ]
    await connection.execute(insert(audit), rows)


async def _forget(connection: AsyncConnection, tenant: str, sealed: Sequence[Leaf]) -> None:
    """Take away what was read, and nothing that came since."""
    this = (audit_waiting.c[name] == bindparam(f"its_{name}") for name in KEY)
    gone = delete(audit_waiting).where(audit_waiting.c.tenant == tenant, *this)
    keys = [{f"its_{name}": getattr(leaf, name) for name in KEY} for leaf in sealed]
    if keys:
        await connection.execute(gone, keys)
