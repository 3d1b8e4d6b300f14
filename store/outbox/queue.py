"""The outbox as a queue: rows are leased to a dispatcher, delivered, tried again, or dead.

Every statement names one tenant, except the one that asks which tenants have anything to send.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from store.audit.append import add_event
from store.audit.records import BY_SYSTEM, By
from store.db.clock import Clock
from store.db.pages import Cursor
from store.db.session import Sessions
from store.outbox.messages import messages_of, outbox_row
from store.outbox.records import LOCAL_MAILBOX, Delivery, MessageKey, OutboxMessage, OutboxRow
from store.outbox.tables import outbox

PLACE = (outbox.c.at, outbox.c.number, outbox.c.seq, outbox.c.n)
ALL = "all"
"""The subject of the audit event where the dead messages of all cases are sent again."""
LONGEST_LEASE = timedelta(minutes=5)
"""No dispatcher takes a longer lease; one that ends later was taken by a wrong clock."""


class OutboxQueue:
    """What dispatchers do with the outbox; there may be many of them at once."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def tenants(self) -> list[str]:
        """Return the tenants with messages due; it only reads, so asking often costs little."""
        query = select(outbox.c.tenant).distinct().where(_is_due(self._clock()))
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def counts(self, tenant: str) -> dict[Delivery, int]:
        """Count the messages by status."""
        query = select(outbox.c.status, func.count()).where(outbox.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.group_by(outbox.c.status))).all()
        return {Delivery(status): n for status, n in rows}

    async def mark_due_delivered(self, tenant: str) -> int:
        """Deliver all due messages into the local mailbox; return how many."""
        now = self._clock()
        key = [literal("-") + cast(outbox.c[name], String) for name in ("number", "seq", "n")]
        values = {
            "status": Delivery.DELIVERED.value,
            "delivered_at": now,
            "attempts": outbox.c.attempts + 1,
            "channel": LOCAL_MAILBOX,
            "message": literal("note") + key[0] + key[1] + key[2],
        }
        return await self._update(and_(outbox.c.tenant == tenant, _is_due(now)), values)

    async def lease(self, tenant: str, limit: int, until: datetime) -> list[OutboxMessage]:
        """Take some of the due messages; no other dispatcher gets them before `until`."""
        query = select(outbox).where(outbox.c.tenant == tenant, _is_due(self._clock()))
        query = query.order_by(outbox.c.next_at, outbox.c.number, outbox.c.seq, outbox.c.n)
        # SQLite has one writer at a time and needs no such lock.
        query = query.limit(limit).with_for_update(skip_locked=True)
        async with self._sessions.writing() as connection:
            rows = (await connection.execute(query)).all()
            for row in rows:
                values = {"lease_until": until, "attempts": row.attempts + 1}
                await connection.execute(update(outbox).where(_is(row)).values(values))
            return await messages_of(connection, tenant, rows)

    async def mark_delivered(self, message: OutboxMessage, channel: str) -> None:
        """Mark a message as delivered, whichever dispatcher has the lease by now."""
        values = {
            "status": Delivery.DELIVERED.value,
            "delivered_at": self._clock(),
            "lease_until": None,
            "message": message.id,
            "channel": channel,
            "reason": None,
        }
        await self._update(and_(_is(message), outbox.c.status != Delivery.DELIVERED.value), values)

    async def mark_failed(
        self, message: OutboxMessage, reason: str, again_at: datetime | None
    ) -> None:
        """Schedule another attempt, or none if `again_at` is None; only the leaseholder can."""
        values: dict[str, Any] = {"lease_until": None, "reason": reason}
        if again_at is None:
            values |= {"status": Delivery.DEAD.value}
        else:
            values |= {"next_at": again_at}
        has_lease = (
            outbox.c.status == Delivery.PENDING.value,
            outbox.c.attempts == message.attempts,
            outbox.c.lease_until.is_not(None),
        )
        await self._update(and_(_is(message), *has_lease), values)

    async def page(
        self, tenant: str, status: Delivery | None, limit: int, after: Cursor | None = None
    ) -> list[OutboxRow]:
        """Return rows for operators, oldest first, from the one that follows a `place`."""
        query = select(outbox).where(outbox.c.tenant == tenant)
        if status is not None:
            query = query.where(outbox.c.status == status.value)
        if after is not None:
            at, number, seq, n = after
            place = (datetime.fromisoformat(at), number, int(seq), int(n))
            query = query.where(tuple_(*PLACE) > place)
        query = query.order_by(*PLACE)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.limit(limit))).mappings()
            return [outbox_row(row) for row in rows]

    async def redrive(self, tenant: str, number: str | None = None, *, by: By = BY_SYSTEM) -> int:
        """Send dead messages of one case or of all again, from the first attempt; return how many.

        Dead messages of calls stay dead, since their process has gone on without them.
        """
        is_dead = _is_redrivable(tenant)
        if number is not None:
            is_dead.append(outbox.c.number == number)
        now = self._clock()
        values = {"status": Delivery.PENDING.value, "attempts": 0, "next_at": now}
        sending = update(outbox).where(*is_dead).values(**values, lease_until=None)
        async with self._sessions.writing() as connection:
            count = (await connection.execute(sending)).rowcount
            if count:
                details = {"messages": count}
                subject = number or ALL
                await add_event(connection, tenant, now, by, "message.requeued", subject, details)
        return count

    async def set_aside(self, tenant: str, key: MessageKey, by: By) -> bool:
        """Put a dead message where nobody looks for work, for a reason; return whether it was dead.

        It is not sent again unless it is put back first.
        """
        values = {
            "status": Delivery.SET_ASIDE.value,
            "set_aside_at": self._clock(),
            "set_aside_by": by.actor.id,
            "set_aside_reason": by.reason,
        }
        return await self._change(tenant, key, Delivery.DEAD, values, by, "message.shelved")

    async def put_back(self, tenant: str, key: MessageKey, by: By) -> bool:
        """Put a message that was set aside among the dead again; return whether it was aside."""
        values = {
            "status": Delivery.DEAD.value,
            "set_aside_at": None,
            "set_aside_by": None,
            "set_aside_reason": None,
        }
        return await self._change(tenant, key, Delivery.SET_ASIDE, values, by, "message.unshelved")

    async def count_to_redrive(self, tenant: str) -> int:
        """Count the dead messages that can be sent again."""
        query = select(func.count()).where(*_is_redrivable(tenant))
        async with self._sessions.reading() as connection:
            return await connection.scalar(query) or 0

    async def _change(
        self,
        tenant: str,
        key: MessageKey,
        was: Delivery,
        values: dict[str, Any],
        by: By,
        event: str,
    ) -> bool:
        """Change a message that has this status; of two who do it at once only one does."""
        this = (outbox.c.number == key.number, outbox.c.seq == key.seq, outbox.c.n == key.n)
        which = (outbox.c.tenant == tenant, *this, outbox.c.status == was.value)
        async with self._sessions.writing() as connection:
            changed = (
                await connection.execute(update(outbox).where(*which).values(values))
            ).rowcount
            if changed:
                details = {"seq": key.seq, "n": key.n}
                now = self._clock()
                await add_event(connection, tenant, now, by, event, key.number, details)
        return bool(changed)

    async def _update(self, which: ColumnElement[bool], values: dict[str, Any]) -> int:
        async with self._sessions.writing() as connection:
            return (await connection.execute(update(outbox).where(which).values(values))).rowcount


def _is_redrivable(tenant: str) -> list[ColumnElement[bool]]:
    is_dead = outbox.c.status == Delivery.DEAD.value
    return [outbox.c.tenant == tenant, is_dead, outbox.c.next_at.is_not(None)]


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Return whether a row is to be sent now.

    The first attempt is due at once, whatever any clock says; later ones go by the dispatcher's
    clock. A leased row was due, so only its lease counts. A row without `next_at` belongs to a
    call, and no dispatcher sends it.
    """
    lease = outbox.c.lease_until
    lease_is_over = or_(lease <= now, lease > now + LONGEST_LEASE)
    retry_is_due = and_(lease.is_(None), outbox.c.next_at <= now)
    is_due = or_(outbox.c.attempts == 0, lease_is_over, retry_is_due)
    is_queued = outbox.c.next_at.is_not(None)
    return and_(outbox.c.status == Delivery.PENDING.value, is_queued, is_due)


def _is(row: Any) -> ColumnElement[bool]:
    key = (outbox.c.number == row.number, outbox.c.seq == row.seq, outbox.c.n == row.n)
    return and_(outbox.c.tenant == row.tenant, *key)
