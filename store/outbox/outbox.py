"""The outbox: what is to be said to whom, and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.engine.messages import PendingCall
from store.cases.tables import entries
from store.customers.customers import contacts_of
from store.customers.records import DESK, REACHABLE, Contact
from store.db.clock import Clock
from store.db.corrupt_rows import NO_VALUE
from store.db.session import Sessions
from store.db.sql import insert
from store.errors import CorruptRow
from store.outbox.records import Delivered, Delivery, NotDelivered, OutboxMessage, OutboxRow
from store.outbox.tables import outbox


async def causes(
    connection: AsyncConnection, tenant: str, rows: Iterable[Row[Any]]
) -> dict[tuple[str, int], Any]:
    """The entries behind these rows, by number and seq, as far as they are there."""
    given = list(rows)
    columns = (entries.c.number, entries.c.seq, entries.c.type, entries.c.step, entries.c.led_to)
    mine = select(*columns).where(
        entries.c.tenant == tenant,
        entries.c.number.in_(sorted({row.number for row in given})),
        entries.c.seq.in_(sorted({row.seq for row in given})),
    )
    return {(row.number, row.seq): row for row in await connection.execute(mine)}


def letter(row: Row[Any], cause: Any, attempts: int) -> OutboxMessage:
    """The row as it is sent for the time that `attempts` says."""
    return OutboxMessage(
        tenant=row.tenant,
        number=row.number,
        seq=row.seq,
        n=row.n,
        template=row.template,
        to=row.to,
        at=row.at,
        attempts=attempts,
        happened=cause.type if cause else None,
        step=cause.step if cause else None,
        led_to=cause.led_to if cause else None,
    )


NO_CONTACT = "no_contact"


class Outbox:
    """Messages on their way out. `Recorder` adds the notices; errands add their own.

    An errand's row has no `next_at`: whoever carries the errand out sends it, no dispatcher does.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def deliver(self, pending_call: PendingCall) -> Delivered | NotDelivered:
        """Deliver to the customer, once: here that means to keep the message readable.

        The answer is kept with it, so a repetition hears the same, whatever changed since.
        """
        async with self._sessions.writing() as connection:
            written = await _written(connection, pending_call, self._clock())
            if written.status == Delivery.PENDING:
                note = f"note-{pending_call.number}-{pending_call.seq}-{pending_call.n}"
                kept = self._done(Delivered(note, written.channel))
                await connection.execute(update(outbox).where(_waits(pending_call)).values(kept))
                written = await _row(connection, pending_call)
        return _answer(written)

    async def take_out(self, pending_call: PendingCall) -> OutboxMessage | Delivered | NotDelivered:
        """The errand as a letter that its carrier is to send, or what became of it before."""
        async with self._sessions.writing() as connection:
            written = await _written(connection, pending_call, self._clock())
            if written.status != Delivery.PENDING:
                return _answer(written)
            because = await causes(connection, pending_call.tenant, [written])
        return letter(written, because.get((written.number, written.seq)), written.attempts + 1)

    async def settle(
        self, pending_call: PendingCall, answer: Delivered | NotDelivered
    ) -> Delivered | NotDelivered:
        """Keep what became of a letter; the first answer counts, and is given back."""
        async with self._sessions.writing() as connection:
            done = update(outbox).where(_waits(pending_call)).values(self._done(answer))
            await connection.execute(done)
            return _answer(await _row(connection, pending_call))

    async def failed(self, pending_call: PendingCall, reason: str) -> None:
        """It could not be sent yet, and why: operators see it while it is tried on."""
        tried = {"reason": reason, "attempts": outbox.c.attempts + 1}
        async with self._sessions.writing() as connection:
            await connection.execute(update(outbox).where(_waits(pending_call)).values(tried))

    async def of(self, tenant: str, number: str) -> list[OutboxRow]:
        """All that was said, or is to be said, about a case.

        Raises:
            Unreadable: a row was spoilt.
        """
        wanted = select(outbox).where(outbox.c.tenant == tenant, outbox.c.number == number)
        async with self._sessions.reading() as connection:
            try:
                rows = await connection.execute(wanted.order_by(outbox.c.seq, outbox.c.n))
                return [read(row) for row in rows.mappings()]
            except NO_VALUE as error:
                raise CorruptRow("outbox", number) from error

    def _done(self, answer: Delivered | NotDelivered) -> dict[str, Any]:
        counted = {"attempts": outbox.c.attempts + 1}
        if isinstance(answer, NotDelivered):
            return counted | {"status": Delivery.DEAD.value, "reason": answer.reason}
        sent = {"message": answer.message, "channel": answer.channel, "reason": None}
        return counted | sent | {"status": Delivery.DELIVERED.value, "delivered_at": self._clock()}


async def _written(
    connection: AsyncConnection, pending_call: PendingCall, now: datetime
) -> Row[Any]:
    """The errand's row, written when it is first asked for: it waits, or reaches nobody."""
    contact = await _contact(connection, pending_call)
    fresh = pending_call.model_dump(include={"tenant", "number", "seq", "n", "template", "params"})
    fresh |= {"to": "customer", "at": now, "attempts": 0, "status": Delivery.PENDING.value}
    if contact is None:
        fresh |= {"status": Delivery.DEAD.value, "reason": NO_CONTACT, "attempts": 1}
    else:
        fresh |= {"channel": contact.kind}
    row = insert(connection, outbox).values(fresh)
    await connection.execute(row.on_conflict_do_nothing())
    return await _row(connection, pending_call)


async def _row(connection: AsyncConnection, pending_call: PendingCall) -> Row[Any]:
    return (await connection.execute(select(outbox).where(_is(pending_call)))).one()


async def _contact(connection: AsyncConnection, pending_call: PendingCall) -> Contact | None:
    if pending_call.customer is None:
        return None
    # What another source knows of the customer is not this case's to use.
    own = {pending_call.source, DESK}
    contacts = await contacts_of(connection, pending_call.tenant, pending_call.customer, own)
    return next((contact for contact in contacts if contact.kind in REACHABLE), None)


def _is(pending_call: PendingCall) -> ColumnElement[bool]:
    one = (
        outbox.c.number == pending_call.number,
        outbox.c.seq == pending_call.seq,
        outbox.c.n == pending_call.n,
    )
    return and_(outbox.c.tenant == pending_call.tenant, *one)


def _waits(pending_call: PendingCall) -> ColumnElement[bool]:
    return and_(_is(pending_call), outbox.c.status == Delivery.PENDING.value)


def _answer(written: Any) -> Delivered | NotDelivered:
    if written.status == Delivery.DELIVERED:
        return Delivered(written.message, written.channel)
    return NotDelivered(written.reason)


def read(row: Any) -> OutboxRow:
    """A row of the table as others see it."""
    return OutboxRow(**{**row, "status": Delivery(row["status"])})
