"""Rows of the outbox as letters: with the entry that brought each about."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.records import Letter
from store.tables.projection import entries


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


def letter(row: Row[Any], cause: Any, attempts: int) -> Letter:
    """The row as it is sent for the time that `attempts` says."""
    return Letter(
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
