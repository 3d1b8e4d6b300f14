"""Intake: write a start down, with its customer and its number, before its workflow is started."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_numbers import SERIAL_DIGITS, case_number
from store.customers.customer_matching import Provenance, find_or_add, keep_as_given
from store.db.clock import Clock
from store.db.pages import is_beyond
from store.db.retry import retrying
from store.db.session import Sessions
from store.db.sql import insert
from store.errors import KeyReused, NumbersUsedUp
from store.intake.records import (
    DURABLE,
    AnsweredStart,
    OrderGoods,
    Reservation,
    Reserved,
    StartIdentity,
    StoredResponse,
)
from store.intake.tables import identities, reservations
from store.orders.claims import START, take_units

LEASE = timedelta(seconds=5)
"""How long a request may work on a start before another one takes it over."""
MAX_DIGITS, DRAWS_PER_LENGTH = 9, 4

Draw = Callable[[int], str]
"""Returns a random serial of so many digits."""

Identity = tuple[str, str, str]
"""Its kind ("key" or "ref"), its scope (the client or the source), its value."""

EarlierIdentities = dict[Identity, tuple[str, str]]
"""Identities of an earlier start: the number and the digest that came with them."""


def draw_serial(digits: int) -> str:
    """Return a random serial of so many digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


class Intake:
    """Makes a start happen once, however often and by however many it is tried."""

    def __init__(self, sessions: Sessions, clock: Clock, draw: Draw = draw_serial) -> None:
        self._sessions, self._clock, self._draw = sessions, clock, draw

    async def reserve(self, tenant: str, start: Reservation) -> Reserved:
        """Return the number for a start: a new one, or the one it got when it was first tried.

        Raises:
            KeyReused: the key or the reference came before with another body.
            UnknownCustomer, WrongContact, Unstorable: the customer's data cannot be used.
            UnitTaken: another open case has a unit of the goods.
            NumbersUsedUp, StoreDown
        """
        if not _identities(start):
            raise ValueError("A start needs a key or an external reference.")
        return await retrying(
            self._sessions, lambda connection: self._reserve(connection, tenant, start)
        )

    async def find(self, tenant: str, start: StartIdentity) -> Reserved | None:
        """Return what came of this start when it was tried before, None if it is new.

        What its goods claim is claimed again, since an earlier try may lie long back.
        Another body is refused and a final response is found without writing, so also while the
        database is locked or full.

        Raises:
            KeyReused: the key or the reference came before with another body.
            UnitTaken: another open case has a unit of the goods now.
            StoreDown
        """
        async with self._sessions.reading() as connection:
            earlier = await _earlier(connection, tenant, start)
            if not earlier:
                return None
            reserved = await _reserved(connection, tenant, _number_of(earlier, start), start.now)
            if reserved.answered is not None and len(earlier) == len(_identities(start)):
                return reserved
        return await retrying(self._sessions, lambda connection: _repeat(connection, tenant, start))

    async def record_response(self, tenant: str, number: str, status: int, body: JsonValue) -> None:
        """Store the response to a start, so that repetitions get the same.

        The first final one counts.
        """
        values = {"answered_at": self._clock(), "status": status, "body": body}
        async with self._sessions.writing() as connection:
            await connection.execute(
                update(reservations)
                .where(
                    _is(tenant, number),
                    or_(reservations.c.answered_at.is_(None), reservations.c.status == DURABLE),
                )
                .values(values)
            )

    async def was_reserved(self, tenant: str, client: str, number: str) -> bool:
        """Say whether a client drew this number by a start under a key of its own.

        Raises:
            StoreDown
        """
        query = select(identities.c.number).where(
            identities.c.tenant == tenant,
            identities.c.number == number,
            identities.c.kind == "key",
            identities.c.scope == client,
        )
        async with self._sessions.reading() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    async def known_refs(
        self, tenant: str, source: str, refs: Collection[str]
    ) -> dict[str, tuple[str, str]]:
        """Return which of a source's references came before, with the number and the body's hash.

        Raises:
            StoreDown
        """
        query = select(identities.c.value, identities.c.number, identities.c.digest).where(
            identities.c.tenant == tenant,
            identities.c.kind == "ref",
            identities.c.scope == source,
            identities.c.value.in_(sorted(refs)),
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query)
            return {ref: (number, digest) for ref, number, digest in rows}

    async def answered(
        self, tenant: str, after: str | None = None, limit: int = 1000
    ) -> list[AnsweredStart]:
        """Return starts that were answered, by number, from the one that follows `after`."""
        query = select(reservations.c.number, reservations.c.status).where(
            reservations.c.tenant == tenant,
            reservations.c.number > (after or ""),
            reservations.c.answered_at.is_not(None),
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query.order_by(reservations.c.number).limit(limit))
            return [AnsweredStart(*row) for row in rows if is_beyond(row.number, after)]

    async def _reserve(
        self, connection: AsyncConnection, tenant: str, start: Reservation
    ) -> Reserved:
        if earlier := await _repeat(connection, tenant, start):
            return earlier
        provenance = Provenance(tenant, start.source, start.now)
        customer = await find_or_add(connection, provenance, start.customer)
        number = await _reserve_number(connection, tenant, start, customer, self._draw)
        await _add_identities(connection, tenant, start, number, _identities(start))
        if customer is not None:
            await keep_as_given(connection, provenance, number, customer, start.customer)
        await _claim(connection, tenant, number, start)
        return Reserved(number, customer, new=True, order_goods=start.order_goods)


def _identities(start: StartIdentity) -> list[Identity]:
    named = (("key", start.key), ("ref", start.ref))
    return [(kind, *identity) for kind, identity in named if identity is not None]


async def _repeat(
    connection: AsyncConnection, tenant: str, start: StartIdentity
) -> Reserved | None:
    """Return what came of an earlier try, None if there was none."""
    earlier = await _earlier(connection, tenant, start)
    if not earlier:
        return None
    number = _number_of(earlier, start)
    reserved = await _take_over(connection, tenant, number, start.now)
    missing = [identity for identity in _identities(start) if identity not in earlier]
    await _add_identities(connection, tenant, start, number, missing)
    return reserved


async def _earlier(
    connection: AsyncConnection, tenant: str, start: StartIdentity
) -> EarlierIdentities:
    """Return which of the identities came before."""
    key = (identities.c.kind, identities.c.scope, identities.c.value)
    same = (
        and_(*(column == part for column, part in zip(key, identity, strict=True)))
        for identity in _identities(start)
    )
    query = select(*key, identities.c.number, identities.c.digest).where(
        identities.c.tenant == tenant, or_(*same)
    )
    rows = await connection.execute(query)
    return {(kind, scope, value): (number, digest) for kind, scope, value, number, digest in rows}


def _number_of(earlier: EarlierIdentities, start: StartIdentity) -> str:
    numbers = {number for number, _ in earlier.values()}
    for (kind, _, value), (_, digest) in earlier.items():
        if digest != start.digest or len(numbers) > 1:
            what = "key" if kind == "key" else "external reference"
            raise KeyReused(f"The {what} {value} was used before, with another body.")
    return numbers.pop()


async def _take_over(
    connection: AsyncConnection, tenant: str, number: str, now: datetime
) -> Reserved:
    """Return what came of the earlier try; if its lease is over, this try takes the lease."""
    reserved = await _reserved(connection, tenant, number, now, lock=True)
    if reserved.answered is None and not reserved.in_progress:
        await connection.execute(
            update(reservations).where(_is(tenant, number)).values(lease_until=now + LEASE)
        )
        if reserved.order_goods and not reserved.acknowledged:
            claims = reserved.order_goods.claims
            await take_units(connection, tenant, number, claims, now, now + START)
    return reserved


async def _claim(connection: AsyncConnection, tenant: str, number: str, start: Reservation) -> None:
    if start.order_goods:
        claims, until = start.order_goods.claims, start.now + START
        await take_units(
            connection, tenant, number, claims, start.now, until, instead_of=start.instead_of
        )


async def _reserved(
    connection: AsyncConnection, tenant: str, number: str, now: datetime, *, lock: bool = False
) -> Reserved:
    query = select(reservations).where(_is(tenant, number))
    row = (await connection.execute(query.with_for_update() if lock else query)).one()
    goods = OrderGoods.model_validate(row.goods) if row.goods else None
    reserved = Reserved(number, row.customer, new=False, order_goods=goods)
    if row.answered_at is None:
        return replace(reserved, in_progress=row.lease_until > now)
    response = StoredResponse(row.status, row.body)
    if response.is_final:
        return replace(reserved, answered=response)
    return replace(reserved, acknowledged=True)


async def _reserve_number(
    connection: AsyncConnection,
    tenant: str,
    start: Reservation,
    customer: str | None,
    draw: Draw,
) -> str:
    """Draw numbers until one is free; crowded days get longer numbers.

    A number cannot be guessed from others, and is unique over all tenants.
    """
    row = {
        "tenant": tenant,
        "customer": customer,
        "reserved_at": start.now,
        "lease_until": start.now + LEASE,
        "goods": start.order_goods.model_dump(mode="json") if start.order_goods else None,
    }
    for digits in range(SERIAL_DIGITS, MAX_DIGITS + 1):
        for _ in range(DRAWS_PER_LENGTH):
            number = case_number(start.prefix, start.day, draw(digits))
            adding = insert(connection, reservations).values(**row, number=number)
            added = adding.on_conflict_do_nothing().returning(reservations.c.number)
            if await connection.scalar(added) is not None:
                return number
    raise NumbersUsedUp(f"No free case number was found for {start.day}; try again.")


async def _add_identities(
    connection: AsyncConnection,
    tenant: str,
    start: StartIdentity,
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
            "digest": start.digest,
            "created_at": start.now,
        }
        for kind, scope, value in missing
    ]
    if rows:
        await connection.execute(plain_insert(identities), rows)


def _is(tenant: str, number: str) -> ColumnElement[bool]:
    return and_(reservations.c.tenant == tenant, reservations.c.number == number)
