"""The outbox of cases: messages that a case waits for, and all messages of a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.engine.messages import PendingCall
from store.customers.contact_points import is_nobodys
from store.customers.customers import contacts_of, read_customer
from store.customers.records import DESK, REACHABLE, Consent, Contact
from store.db.clock import Clock
from store.db.corrupt_rows import UNREADABLE_VALUE
from store.db.session import Sessions
from store.db.sql import insert
from store.errors import CorruptRow
from store.outbox.messages import messages_of, outbox_row
from store.outbox.records import (
    LOCAL_MAILBOX,
    Delivered,
    Delivery,
    NotDelivered,
    OutboxMessage,
    OutboxRow,
)
from store.outbox.tables import outbox

NO_CONTACT = "no_contact"


class Outbox:
    """Messages of pending calls. `Recorder` adds the notices, which `OutboxQueue` sends.

    The row of a call's message has no `next_at`: the call's activity sends it, no dispatcher does.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def deliver(self, call: PendingCall) -> Delivered | NotDelivered:
        """Deliver the message once into the local mailbox, where a person reads it.

        The outcome is kept in the row, so that a repetition returns the same.
        """
        async with self._sessions.writing() as connection:
            row = await _ensure_row(connection, call, self._clock())
            if row.status == Delivery.PENDING:
                note = f"note-{call.number}-{call.seq}-{call.n}"
                values = self._outcome_values(Delivered(note, LOCAL_MAILBOX))
                await connection.execute(update(outbox).where(_is_pending(call)).values(values))
                row = await _row(connection, call)
        return _outcome(row)

    async def prepare(self, call: PendingCall) -> OutboxMessage | Delivered | NotDelivered:
        """Return the message that the caller is to send, or the outcome that it already has."""
        async with self._sessions.writing() as connection:
            row = await _ensure_row(connection, call, self._clock())
            if row.status != Delivery.PENDING:
                return _outcome(row)
            (message,) = await messages_of(connection, call.tenant, [row])
        return message

    async def record_outcome(
        self, call: PendingCall, outcome: Delivered | NotDelivered
    ) -> Delivered | NotDelivered:
        """Record what became of the message; the first outcome counts, and is returned."""
        async with self._sessions.writing() as connection:
            values = self._outcome_values(outcome)
            await connection.execute(update(outbox).where(_is_pending(call)).values(values))
            return _outcome(await _row(connection, call))

    async def record_failure(self, call: PendingCall, reason: str) -> None:
        """Record why an attempt failed, for operators to see while it is tried again."""
        values = {"reason": reason, "attempts": outbox.c.attempts + 1}
        async with self._sessions.writing() as connection:
            await connection.execute(update(outbox).where(_is_pending(call)).values(values))

    async def of(self, tenant: str, number: str) -> list[OutboxRow]:
        """Return all messages about a case, sent or not.

        Raises:
            CorruptRow
        """
        query = select(outbox).where(outbox.c.tenant == tenant, outbox.c.number == number)
        async with self._sessions.reading() as connection:
            try:
                rows = await connection.execute(query.order_by(outbox.c.seq, outbox.c.n))
                return [outbox_row(row) for row in rows.mappings()]
            except UNREADABLE_VALUE as error:
                raise CorruptRow("outbox", number) from error

    def _outcome_values(self, outcome: Delivered | NotDelivered) -> dict[str, Any]:
        values: dict[str, Any] = {"attempts": outbox.c.attempts + 1}
        if isinstance(outcome, NotDelivered):
            return values | {"status": Delivery.DEAD.value, "reason": outcome.reason}
        values |= {"message": outcome.message, "channel": outcome.channel, "reason": None}
        return values | {"status": Delivery.DELIVERED.value, "delivered_at": self._clock()}


async def _ensure_row(connection: AsyncConnection, call: PendingCall, now: datetime) -> Row[Any]:
    """Return the call's row; the first time, add it: pending, or dead if there is no contact."""
    contact = await _contact(connection, call)
    values = call.model_dump(include={"tenant", "number", "seq", "n", "template", "params"})
    values |= {"to": "customer", "at": now, "attempts": 0, "status": Delivery.PENDING.value}
    if contact is None:
        values |= {"status": Delivery.DEAD.value, "reason": NO_CONTACT, "attempts": 1}
    else:
        values |= {"channel": contact.kind}
    adding = insert(connection, outbox).values(values)
    await connection.execute(adding.on_conflict_do_nothing())
    return await _row(connection, call)


async def _contact(connection: AsyncConnection, call: PendingCall) -> Contact | None:
    if call.customer is None:
        return None
    customer = await read_customer(connection, call.tenant, call.customer)
    if customer is None:
        return None
    # A case may not use what another source knows of the customer.
    sources = {call.source, DESK}
    contacts = await contacts_of(connection, call.tenant, call.customer, sources)
    allowed = [
        contact
        for contact in contacts
        if contact.kind in REACHABLE
        and customer.consent.get(contact.kind) != Consent.REFUSED
        and not is_nobodys(contact)
    ]
    return min(allowed, key=lambda each: each.kind != customer.preferred_channel, default=None)


async def _row(connection: AsyncConnection, call: PendingCall) -> Row[Any]:
    return (await connection.execute(select(outbox).where(_is(call)))).one()


def _is(call: PendingCall) -> ColumnElement[bool]:
    key = (outbox.c.number == call.number, outbox.c.seq == call.seq, outbox.c.n == call.n)
    return and_(outbox.c.tenant == call.tenant, *key)


def _is_pending(call: PendingCall) -> ColumnElement[bool]:
    return and_(_is(call), outbox.c.status == Delivery.PENDING.value)


def _outcome(row: Any) -> Delivered | NotDelivered:
    if row.status == Delivery.DELIVERED:
        return Delivered(row.message, row.channel)
    return NotDelivered(row.reason)
