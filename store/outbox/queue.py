"""Rows of the outbox on their way: leased to a dispatcher, delivered, tried again, or dead.

The statements here name one tenant each, but for the one that asks who has anything to send.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, literal, or_, select, update

from store.db.clock import Clock
from store.db.session import Sessions
from store.outbox.outbox import causes, letter, read
from store.outbox.records import Delivery, OutboxMessage, OutboxRow
from store.outbox.tables import outbox

KEPT = "kept"
LONGEST_LEASE = timedelta(minutes=5)
"""No lease is taken for so long."""


class OutboxQueue:
    """What dispatchers do with the outbox; there may be many of them at once."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def tenants(self) -> list[str]:
        """Those with something to send now. Reads only, so that asking often costs little."""
        wanted = select(outbox.c.tenant).distinct().where(_due(self._clock()))
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(wanted)).all())

    async def keep(self, tenant: str) -> int:
        """Where nobody is to be sent anything: all that is due counts as delivered. How many."""
        now = self._clock()
        key = [literal("-") + cast(outbox.c[part], String) for part in ("number", "seq", "n")]
        done = {
            "status": Delivery.DELIVERED.value,
            "delivered_at": now,
            "attempts": outbox.c.attempts + 1,
            "channel": KEPT,
            "message": literal("note") + key[0] + key[1] + key[2],
        }
        mine = update(outbox).where(outbox.c.tenant == tenant, _due(now)).values(done)
        async with self._sessions.writing() as connection:
            return (await connection.execute(mine)).rowcount

    async def lease(self, tenant: str, limit: int, until: datetime) -> list[OutboxMessage]:
        """Take some of what is due; nobody else gets it before `until`."""
        due = select(outbox).where(outbox.c.tenant == tenant, _due(self._clock()))
        due = due.order_by(outbox.c.next_at, outbox.c.number, outbox.c.seq, outbox.c.n)
        async with self._sessions.writing() as connection:
            # SQLite has one writer at a time and needs no such lock.
            rows = (
                await connection.execute(due.limit(limit).with_for_update(skip_locked=True))
            ).all()
            for row in rows:
                held = {"lease_until": until, "attempts": row.attempts + 1}
                await connection.execute(update(outbox).where(_is(row)).values(held))
            because = await causes(connection, tenant, rows)
        return [letter(r, because.get((r.number, r.seq)), r.attempts + 1) for r in rows]

    async def delivered(self, letter: OutboxMessage, channel: str) -> None:
        """It arrived, whoever else may hold it by now."""
        done = {
            "status": Delivery.DELIVERED.value,
            "delivered_at": self._clock(),
            "lease_until": None,
            "message": letter.id,
            "channel": channel,
            "reason": None,
        }
        await self._mark(and_(_is(letter), outbox.c.status != Delivery.DELIVERED.value), done)

    async def failed(self, letter: OutboxMessage, reason: str, again_at: datetime | None) -> None:
        """It did not arrive: again at this time, or never. Only whoever holds it may say so."""
        more: dict[str, Any] = {"lease_until": None, "reason": reason}
        if again_at is None:
            more |= {"status": Delivery.DEAD.value}
        else:
            more |= {"next_at": again_at}
        held = (
            outbox.c.status == Delivery.PENDING.value,
            outbox.c.attempts == letter.attempts,
            outbox.c.lease_until.is_not(None),
        )
        await self._mark(and_(_is(letter), *held), more)

    async def page(self, tenant: str, status: Delivery | None, limit: int) -> list[OutboxRow]:
        """Rows for operators, oldest first."""
        wanted = select(outbox).where(outbox.c.tenant == tenant)
        if status is not None:
            wanted = wanted.where(outbox.c.status == status.value)
        wanted = wanted.order_by(outbox.c.at, outbox.c.number, outbox.c.seq, outbox.c.n)
        async with self._sessions.reading() as connection:
            return [read(row) for row in (await connection.execute(wanted.limit(limit))).mappings()]

    async def redrive(self, tenant: str, number: str | None = None) -> int:
        """Dead rows, of one case or of all, are sent anew from the first attempt on. How many.

        Whom the process itself could not tell stays dead: it has gone on since.
        """
        dead = [
            outbox.c.tenant == tenant,
            outbox.c.status == Delivery.DEAD.value,
            outbox.c.next_at.is_not(None),
        ]
        if number is not None:
            dead.append(outbox.c.number == number)
        anew = {"status": Delivery.PENDING.value, "attempts": 0, "next_at": self._clock()}
        return await self._mark(and_(*dead), {**anew, "lease_until": None})

    async def _mark(self, which: ColumnElement[bool], values: dict[str, Any]) -> int:
        async with self._sessions.writing() as connection:
            return (await connection.execute(update(outbox).where(which).values(values))).rowcount


def _due(now: datetime) -> ColumnElement[bool]:
    """A first time at once, whatever anybody's clock says; then as dispatchers' clocks say.

    What is leased was due, so only the lease counts; one beyond belief was taken by a wrong clock.
    A row without a time is an errand's, which no dispatcher sends.
    """
    lease = outbox.c.lease_until
    lost = or_(lease <= now, lease > now + LONGEST_LEASE)
    again = and_(lease.is_(None), outbox.c.next_at <= now)
    due = or_(outbox.c.attempts == 0, lost, again)
    ours = outbox.c.next_at.is_not(None)
    return and_(outbox.c.status == Delivery.PENDING.value, ours, due)


def _is(row: Any) -> ColumnElement[bool]:
    one = (outbox.c.number == row.number, outbox.c.seq == row.seq, outbox.c.n == row.n)
    return and_(outbox.c.tenant == row.tenant, *one)
