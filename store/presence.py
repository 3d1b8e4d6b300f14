"""Who has a case open, and who is writing: leases that end unless they are renewed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Row, String, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import upsert
from store.db.tables import table
from store.db.types import Instant
from store.people.tables import staff

LEASE: Final = timedelta(seconds=15)
RENEWED_BELOW: Final = timedelta(seconds=9)
"""A lease that lasts longer than this is not written again."""

presence = table(
    "presence",
    Column("number", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("viewing_until", Instant, nullable=False),
    Column("writing_until", Instant),
)
COLUMNS: Final = ("since", "viewing_until", "writing_until")


@dataclass(frozen=True)
class Present:
    """One of the staff who has a case open since a moment, and whether they are writing."""

    id: str
    name: str
    since: datetime
    writing: bool


class Presence:
    """Keeps who is at which case; it tells other pages when somebody comes, writes or goes."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def renew(
        self, tenant: str, number: str, person: str, *, writing: bool, has_stopped: bool = False
    ) -> None:
        """Note that somebody has the case open, for one lease more.

        Who only views in one window may still be writing in another: that ends by itself, or when
        they say that they have stopped; the other window then says that they write.
        """
        now = self._clock()
        async with self._sessions.reading() as connection:
            row = await _get(connection, tenant, number, person)
            if not has_stopped and _lasts(row, now, writing=writing):
                return
        async with self._sessions.writing() as connection:
            before = await _get(connection, tenant, number, person)
            is_present = before is not None and before.viewing_until > now
            was_writing = before is not None and _is_after(before.writing_until, now)
            until = None if has_stopped or before is None else before.writing_until
            renewed = {
                "tenant": tenant,
                "number": number,
                "person": person,
                "since": before.since if before is not None and is_present else now,
                "viewing_until": now + LEASE,
                "writing_until": now + LEASE if writing else until,
            }
            await connection.execute(upsert(connection, presence, COLUMNS), renewed)
            is_news = was_writing if has_stopped else writing and not was_writing
            if not is_present or is_news:
                await add_change(connection, tenant, ChangeName.PRESENCE, number, person=person)

    async def leave(self, tenant: str, number: str, person: str) -> None:
        """Note that somebody has closed the case; a window that is still open notes it anew."""
        this = and_(presence.c.number == number, presence.c.person == person)
        async with self._sessions.writing() as connection:
            leaving = delete(presence).where(presence.c.tenant == tenant, this)
            if (await connection.execute(leaving)).rowcount:
                await add_change(connection, tenant, ChangeName.PRESENCE, number, person=person)

    async def at(self, tenant: str, number: str) -> list[Present]:
        """Return who has the case open now, by id."""
        now = self._clock()
        query = (
            select(presence, staff.c.name)
            .where(staff.c.tenant == presence.c.tenant, staff.c.id == presence.c.person)
            .where(
                presence.c.tenant == tenant,
                presence.c.number == number,
                presence.c.viewing_until > now,
                staff.c.active,
            )
            .order_by(presence.c.person)
        )
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Present(row.person, row.name, row.since, _is_after(row.writing_until, now))
            for row in rows
        ]

    async def prune(self, before: datetime) -> int:
        """Delete all leases that ended before, whosever they are; return how many."""
        async with self._sessions.writing() as connection:
            old = delete(presence).where(presence.c.viewing_until < before)
            return (await connection.execute(old)).rowcount


async def _get(
    connection: AsyncConnection, tenant: str, number: str, person: str
) -> Row[Any] | None:
    query = select(presence).where(presence.c.tenant == tenant, presence.c.number == number)
    return (await connection.execute(query.where(presence.c.person == person))).first()


def _lasts(row: Row[Any] | None, now: datetime, *, writing: bool) -> bool:
    """Return whether a lease need not be renewed yet."""
    if row is None:
        return False
    until = row.writing_until if writing else row.viewing_until
    return _is_after(until, now + RENEWED_BELOW)


def _is_after(until: datetime | None, now: datetime) -> bool:
    return until is not None and until > now
