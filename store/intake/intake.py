"""Intake: a start is written down, with its customer and its number, before it is made."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue
from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.customer_matching import Telling, find_or_add
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import KeyReused, StoreDown
from store.intake.numbering import Draw, draw_serial, reserve_number
from store.intake.records import Acknowledged, Answer, Identified, Reservation, Reserved
from store.intake.tables import identities, reservations

LEASE = timedelta(seconds=5)
TRIES = 10

Identity = tuple[str, str, str]
"""Its kind ("key" or "ref"), its scope (the client or the source), its value."""

R = TypeVar("R", bound=Reserved | None)

Known = dict[Identity, tuple[str, str]]
"""Identities that came before: the number and the digest they came with."""


class Intake:
    """Makes a start happen once, however often and by however many it is tried."""

    def __init__(self, sessions: Sessions, clock: Clock, draw: Draw = draw_serial) -> None:
        self._sessions, self._clock, self._draw = sessions, clock, draw

    async def reserve(self, tenant: str, wanted: Reservation) -> Reserved:
        """The number for this start: a new one, or the one it got when it was first tried.

        Raises:
            KeyReused: the key or the reference came before with another body.
            UnknownCustomer, WrongContact, Unstorable: the customer's data cannot be used.
            StoreDown
        """
        if not _identities(wanted):
            raise ValueError("A start needs a key or an external reference.")
        return await self._in_turn(lambda connection: self._reserve(connection, tenant, wanted))

    async def again(self, tenant: str, wanted: Identified) -> Reserved | None:
        """What came of this start when it was tried before; None if it is new.

        Raises:
            KeyReused: the key or the reference came before with another body.
            StoreDown
        """
        async with self._sessions.reading() as connection:
            if not await _known(connection, tenant, wanted):
                return None
        return await self._in_turn(lambda connection: _repeat(connection, tenant, wanted))

    async def answer(self, tenant: str, number: str, status: int, body: JsonValue) -> None:
        """Keep what was answered, so that a repetition is told the same; the first one counts."""
        done = {"answered_at": self._clock(), "status": status, "body": body}
        async with self._sessions.writing() as connection:
            await connection.execute(
                update(reservations)
                .where(_is(tenant, number), reservations.c.answered_at.is_(None))
                .values(done)
            )

    async def acknowledged(
        self, tenant: str, after: str | None = None, limit: int = 1000
    ) -> list[Acknowledged]:
        """Starts that were answered, by number: for each, the case must exist."""
        wanted = select(reservations.c.number, reservations.c.status).where(
            reservations.c.tenant == tenant,
            reservations.c.number > (after or ""),
            reservations.c.answered_at.is_not(None),
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.order_by(reservations.c.number).limit(limit))
            return [Acknowledged(*row) for row in rows]

    async def _reserve(
        self, connection: AsyncConnection, tenant: str, wanted: Reservation
    ) -> Reserved:
        if again := await _repeat(connection, tenant, wanted):
            return again
        telling = Telling(tenant, wanted.source, wanted.now)
        customer = await find_or_add(connection, telling, wanted.customer)
        lease = wanted.now + LEASE
        number = await reserve_number(connection, tenant, wanted, customer, lease, draw=self._draw)
        await _remember(connection, tenant, wanted, number, _identities(wanted))
        return Reserved(number, customer, new=True)

    async def _in_turn(self, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
        for _ in range(TRIES):
            try:
                async with self._sessions.writing() as connection:
                    return await work(connection)
            except IntegrityError:
                # Another request wrote the same key or contact point first; now it can be read.
                continue
        raise StoreDown("Too many requests at once want the same; try again.")


def _identities(wanted: Identified) -> list[Identity]:
    given = (("key", wanted.key), ("ref", wanted.ref))
    return [(kind, *identity) for kind, identity in given if identity is not None]


async def _known(connection: AsyncConnection, tenant: str, wanted: Identified) -> Known:
    """Which of the identities came before."""
    key = (identities.c.kind, identities.c.scope, identities.c.value)
    same = (
        and_(*(column == part for column, part in zip(key, identity, strict=True)))
        for identity in _identities(wanted)
    )
    found = await connection.execute(
        select(*key, identities.c.number, identities.c.digest).where(
            identities.c.tenant == tenant, or_(*same)
        )
    )
    return {(kind, scope, value): (number, digest) for kind, scope, value, number, digest in found}


def _the_one(known: Known, wanted: Identified) -> str:
    numbers = {number for number, _ in known.values()}
    for (kind, _, value), (_, digest) in known.items():
        if digest != wanted.digest or len(numbers) > 1:
            what = "key" if kind == "key" else "external reference"
            raise KeyReused(f"The {what} {value} was used before, with another body.")
    return numbers.pop()


async def _repeat(connection: AsyncConnection, tenant: str, wanted: Identified) -> Reserved | None:
    known = await _known(connection, tenant, wanted)
    if not known:
        return None
    number = _the_one(known, wanted)
    reserved = await _again(connection, tenant, number, wanted.now)
    missing = [identity for identity in _identities(wanted) if identity not in known]
    await _remember(connection, tenant, wanted, number, missing)
    return reserved


async def _again(connection: AsyncConnection, tenant: str, number: str, now: datetime) -> Reserved:
    """What became of the earlier try; if its lease is over, this one takes it."""
    row = (
        await connection.execute(select(reservations).where(_is(tenant, number)).with_for_update())
    ).one()
    if row.answered_at is not None:
        answered = Answer(row.status, row.body)
        return Reserved(number, row.customer, new=False, answered=answered)
    if row.lease_until > now:
        return Reserved(number, row.customer, new=False, in_progress=True)
    await connection.execute(
        update(reservations).where(_is(tenant, number)).values(lease_until=now + LEASE)
    )
    return Reserved(number, row.customer, new=False)


async def _remember(
    connection: AsyncConnection,
    tenant: str,
    wanted: Identified,
    number: str,
    missing: list[Identity],
) -> None:
    rows = [
        {
            "tenant": tenant,
            "kind": kind,
            "scope": scope,
            "value": value,
            "number": number,
            "digest": wanted.digest,
            "created_at": wanted.now,
        }
        for kind, scope, value in missing
    ]
    if rows:
        await connection.execute(insert(identities), rows)


def _is(tenant: str, number: str) -> ColumnElement[bool]:
    return and_(reservations.c.tenant == tenant, reservations.c.number == number)
