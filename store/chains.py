"""Histories as verification reads them: a stretch of cases at a time, hashed straight from rows."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.hashing import COLUMNS, row_hash
from store.records import Hashed, LeafKind, Part
from store.session import Sessions
from store.tables.audit import audit, audit_waiting
from store.tables.projection import cases, entries

ENTRY = LeafKind.ENTRY.value
Stretch = tuple[str | None, str | None] | tuple[str]
"""From the case behind this number to that one; None is the beginning, or the end. Or one case."""


class Chains:
    """Reads what must hang together: entries, rows of cases, and the ledger's hashes of both."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def stretches(self, tenant: str, size: int) -> list[tuple[Stretch, int]]:
        """All cases in stretches of so many entries or a little more, each with their number.

        Whatever its number is, every entry lies in one of them.
        """
        wanted = select(cases.c.number, cases.c.last_seq).where(cases.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(wanted.order_by(cases.c.number))).all()
        found: list[tuple[Stretch, int]] = []
        begin, count = None, 0
        for number, last in rows:
            count += last if isinstance(last, int) else 1  # SQLite keeps anything in any column
            if count >= size:
                found.append(((begin, number), count))
                begin, count = number, 0
        return [*found, ((begin, None), count)]

    async def of(self, tenant: str, number: str) -> Part:
        """The same of one case."""
        return await self.part(tenant, (number,))

    async def part(self, tenant: str, stretch: Stretch) -> Part:
        """All there is of these cases, at one moment."""
        async with self._sessions.reading() as connection:
            return Part(
                entries=await _entries(connection, tenant, stretch),
                last=await _last(connection, tenant, stretch),
                sealed=await _hashes(connection, audit, tenant, stretch),
                waiting=await _hashes(connection, audit_waiting, tenant, stretch),
            )


async def _entries(connection: AsyncConnection, tenant: str, stretch: Stretch) -> list[Hashed]:
    wanted = select(*COLUMNS).where(entries.c.tenant == tenant, *within(entries.c.number, stretch))
    rows = await connection.execute(wanted.order_by(entries.c.number, entries.c.seq))
    return [Hashed(row[0], row[1], row[2], row_hash(row)) for row in rows.all()]


def within(number: ColumnElement[str], stretch: Stretch) -> Sequence[ColumnElement[bool]]:
    """Whether a case's number is in the stretch."""
    if len(stretch) == 1:
        return [number == stretch[0]]
    after, upto = stretch
    return [
        *([number > after] if after is not None else []),
        *([number <= upto] if upto is not None else []),
    ]


async def _last(connection: AsyncConnection, tenant: str, stretch: Stretch) -> dict[str, int]:
    wanted = select(cases.c.number, cases.c.last_seq).where(
        cases.c.tenant == tenant, *within(cases.c.number, stretch)
    )
    return {row[0]: row[1] for row in await connection.execute(wanted)}


async def _hashes(
    connection: AsyncConnection, table: Table, tenant: str, stretch: Stretch
) -> dict[str, dict[int, str]]:
    wanted = select(table.c.id, table.c.seq, table.c.hash).where(
        table.c.tenant == tenant, table.c.kind == ENTRY, *within(table.c.id, stretch)
    )
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for number, seq, digest in (await connection.execute(wanted)).all():
        found[number][seq] = digest
    return found
