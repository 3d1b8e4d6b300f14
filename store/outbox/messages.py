"""Outbox rows as messages to send, and as others read them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.tables import entries
from store.outbox.records import Delivery, OutboxMessage, OutboxRow


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
    return OutboxMessage(
        tenant=row.tenant,
        number=row.number,
        seq=row.seq,
        n=row.n,
        template=row.template,
        to=row.to,
        at=row.at,
        attempts=row.attempts + 1,
        happened=cause.type if cause else None,
        step=cause.step if cause else None,
        led_to=cause.led_to if cause else None,
    )
