"""The outbox: what is to be said to whom, and what became of it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import Errand
from store.clock import Clock
from store.customers import contacts_of
from store.records import REACHABLE, Contact, Delivered, Delivery, NotDelivered, OutboxRow
from store.session import Sessions
from store.sql import insert
from store.tables.talk import outbox

NO_CONTACT = "no_contact"


class Outbox:
    """Messages on their way out. `Recorder` adds the notices, `deliver` the errands."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def deliver(self, errand: Errand) -> Delivered | NotDelivered:
        """Deliver to the customer, once: here that means to keep the message readable.

        The answer is kept with it, so a repetition hears the same, whatever changed since.
        """
        async with self._sessions.writing() as connection:
            contact = await _contact(connection, errand)
            row = insert(connection, outbox).values(self._row(errand, contact))
            await connection.execute(row.on_conflict_do_nothing())
            wanted = select(outbox).where(_is(errand.tenant, errand.number, errand.seq, errand.n))
            written = (await connection.execute(wanted)).one()
        if written.status == Delivery.DELIVERED:
            return Delivered(written.message, written.channel)
        return NotDelivered(written.reason)

    async def of(self, tenant: str, number: str) -> list[OutboxRow]:
        """All that was said, or is to be said, about a case."""
        wanted = select(outbox).where(outbox.c.tenant == tenant, outbox.c.number == number)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.order_by(outbox.c.seq, outbox.c.n))
            return [read(row) for row in rows.mappings()]

    def _row(self, errand: Errand, contact: Contact | None) -> dict[str, Any]:
        now = self._clock()
        row = errand.model_dump(include={"tenant", "number", "seq", "n", "template", "params"})
        row |= {"to": "customer", "at": now, "attempts": 1}
        if contact is None:
            return row | {"status": Delivery.DEAD.value, "reason": NO_CONTACT}
        message = f"note-{errand.number}-{errand.seq}-{errand.n}"
        sent = {"status": Delivery.DELIVERED.value, "delivered_at": now, "message": message}
        return row | sent | {"channel": contact.kind}


async def _contact(connection: AsyncConnection, errand: Errand) -> Contact | None:
    if errand.customer is None:
        return None
    contacts = await contacts_of(connection, errand.tenant, errand.customer)
    return next((contact for contact in contacts if contact.kind in REACHABLE), None)


def _is(tenant: str, number: str, seq: int, n: int) -> ColumnElement[bool]:
    one = (outbox.c.number == number, outbox.c.seq == seq, outbox.c.n == n)
    return and_(outbox.c.tenant == tenant, *one)


def read(row: Any) -> OutboxRow:
    """A row of the table as others see it."""
    return OutboxRow(**{**row, "status": Delivery(row["status"])})
