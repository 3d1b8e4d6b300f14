"""Outbox rows as messages to send, and as others read them; and the message that somebody wrote."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.tables import cases, entries
from store.outbox.records import (
    CUSTOMER_MESSAGE,
    FIRST_OF_COMMENTS,
    HOLDER,
    TEAM,
    Delivery,
    OutboxMessage,
    OutboxRow,
)
from store.outbox.tables import outbox
from store.people.tables import staff

COMMENTED = "commented"
"""What happened where a customer wrote."""
LAST_N = 2**31 - 1


def belongs_to_entry() -> ColumnElement[bool]:
    """Return that a row of the outbox follows from an entry, and so from the projection."""
    return outbox.c.n < FIRST_OF_COMMENTS


def has_holder() -> ColumnElement[bool]:
    """Return that somebody holds a case who is still there to read what it is told."""
    return exists().where(
        staff.c.tenant == cases.c.tenant, staff.c.id == cases.c.assignee, staff.c.active
    )


async def add_customer_message(
    connection: AsyncConnection, tenant: str, number: str, at: datetime
) -> None:
    """Add the message that a customer wrote about a case, for its holder or, without one, its team.

    It comes after the newest entry; its `n` is drawn, since two customers may write at once.
    """
    newest = select(func.max(entries.c.seq)).where(
        entries.c.tenant == tenant, entries.c.number == number
    )
    this = (cases.c.tenant == tenant, cases.c.number == number)
    is_held = await connection.scalar(select(cases.c.number).where(*this, has_holder()))
    row: dict[str, Any] = {
        "tenant": tenant,
        "number": number,
        "seq": await connection.scalar(newest) or 0,
        "n": FIRST_OF_COMMENTS + secrets.randbelow(LAST_N - FIRST_OF_COMMENTS),
        "template": CUSTOMER_MESSAGE,
        "to": HOLDER if is_held else TEAM,
        "at": at,
        "params": {},
        "status": Delivery.PENDING.value,
        "attempts": 0,
        "next_at": at,
    }
    await connection.execute(insert(outbox).values(row))


async def messages_of(
    connection: AsyncConnection, tenant: str, rows: Iterable[Row[Any]]
) -> list[OutboxMessage]:
    """Return the rows as messages for their next attempt, with the entries that caused them."""
    rows = list(rows)
    columns = (entries.c.number, entries.c.seq, entries.c.type, entries.c.step, entries.c.led_to)
    query = select(*columns).where(
        entries.c.tenant == tenant,
        entries.c.number.in_(sorted({row.number for row in rows})),
        entries.c.seq.in_(sorted({row.seq for row in rows})),
    )
    causes = {(entry.number, entry.seq): entry for entry in await connection.execute(query)}
    return [_message(row, causes.get((row.number, row.seq))) for row in rows]


def outbox_row(row: Any) -> OutboxRow:
    """Return a row of the table as others read it."""
    return OutboxRow(**{**row, "status": Delivery(row["status"])})


def _message(row: Row[Any], cause: Any) -> OutboxMessage:
    of_comment = row.n >= FIRST_OF_COMMENTS
    return OutboxMessage(
        tenant=row.tenant,
        number=row.number,
        seq=row.seq,
        n=row.n,
        template=row.template,
        to=row.to,
        at=row.at,
        attempts=row.attempts + 1,
        happened=COMMENTED if of_comment else cause.type if cause else None,
        step=cause.step if cause and not of_comment else None,
        led_to=cause.led_to if cause else None,
    )
