"""Unit claims: a unit of an order is in at most one open case."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.db.clock import Clock
from store.db.retry import retrying
from store.db.session import Sessions
from store.db.sql import lock_names
from store.errors import UnitTaken
from store.orders.records import UNKNOWN_ORDER, LineClaim
from store.orders.tables import unit_claims

START: Final = timedelta(minutes=10)
REOPENING: Final = timedelta(minutes=1)
"""How long a claim holds whose case is not recorded as open: one that starts, or is reopened."""


class UnitClaims:
    """Claims units for cases that are about to be opened again; intake claims for new ones."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def take(self, tenant: str, number: str, claims: Sequence[LineClaim]) -> None:
        """Claim the units for a case.

        Raises:
            UnitTaken: another open case has one of them.
            StoreDown
        """

        async def claim(connection: AsyncConnection) -> None:
            now = self._clock()
            await take_units(connection, tenant, number, claims, now, now + REOPENING)

        await retrying(self._sessions, claim)

    async def check(self, tenant: str, cases: Sequence[Sequence[LineClaim]]) -> None:
        """Refuse what cases would claim one after the other; nothing is claimed.

        Raises:
            UnitTaken: another open case has one of the units, or a case before it.
            StoreDown
        """

        async def try_all(connection: AsyncConnection) -> None:
            now = self._clock()
            for place, claims in enumerate(cases):
                await take_units(connection, tenant, f"#{place}", claims, now, now + START)
            await connection.rollback()

        await retrying(self._sessions, try_all)

    async def of(self, tenant: str, number: str) -> list[tuple[str, str, int]]:
        """Return what a case has claimed: order, line and place."""
        columns = (unit_claims.c.order, unit_claims.c.line, unit_claims.c.place)
        query = select(*columns).where(_of_case(tenant, number)).order_by(*columns)
        async with self._sessions.reading() as connection:
            return [(row[0], row[1], row[2]) for row in await connection.execute(query)]


async def take_units(
    connection: AsyncConnection,
    tenant: str,
    number: str,
    claims: Iterable[LineClaim],
    now: datetime,
    held_until: datetime,
    *,
    instead_of: str | None = None,
) -> None:
    """Claim units for a case, as part of a transaction; claiming them again changes nothing.

    Args:
        connection: the transaction's.
        tenant: whose case it is.
        number: the case.
        claims: the units, by line.
        now: the present time.
        held_until: until when the claims hold if the case is not recorded as open.
        instead_of: the case that this one goes on for: what it has claimed goes over.

    Raises:
        UnitTaken: another open case has one of them.
        IntegrityError: another transaction claimed one of them just now; try again.
    """
    claims = tuple(claims)
    numbers = {f"{tenant} {serial}" for claim in claims for serial in claim.numbers}
    # Claims by order and by number have no row in common that both would wait for.
    await lock_names(connection, numbers)
    for claim in claims:
        own = {number, instead_of}
        others = await _claims_of_others(connection, tenant, claim, now, own)
        await _refuse_same_serial(connection, tenant, claim, now, own)
        places = _places(claim, others)
        rows = [
            {
                "tenant": tenant,
                "order": claim.order,
                "line": claim.line,
                "place": place,
                "number": number,
                "serial": serial,
                "product": claim.product,
                "held_until": held_until,
            }
            for place, serial in zip(places, _serials(claim), strict=True)
        ]
        await connection.execute(insert(unit_claims), rows)


async def settle_units(
    connection: AsyncConnection, tenant: str, number: str, *, is_open: bool
) -> None:
    """Keep the claims of a case that is recorded as open, release those of one that is closed."""
    theirs = _of_case(tenant, number)
    if is_open:
        held = and_(theirs, unit_claims.c.held_until.is_not(None))
        await connection.execute(update(unit_claims).where(held).values(held_until=None))
    else:
        await connection.execute(delete(unit_claims).where(theirs))


async def _claims_of_others(
    connection: AsyncConnection,
    tenant: str,
    claim: LineClaim,
    now: datetime,
    own: set[str | None],
) -> list[Row[Any]]:
    """Return what others have of a line; what is our own, or was held too long, is released."""
    of_line = and_(
        unit_claims.c.tenant == tenant,
        unit_claims.c.order == claim.order,
        unit_claims.c.line == claim.line,
    )
    rows = (await connection.execute(select(unit_claims).where(of_line).with_for_update())).all()
    free = [row for row in rows if row.number in own or (row.held_until and row.held_until <= now)]
    if free:
        places = unit_claims.c.place.in_([row.place for row in free])
        await connection.execute(delete(unit_claims).where(of_line, places))
    return [row for row in rows if row not in free]


async def _refuse_same_serial(
    connection: AsyncConnection,
    tenant: str,
    claim: LineClaim,
    now: datetime,
    own: set[str | None],
) -> None:
    """Refuse a serial number of which somebody has the unit in another way: by its order, or not.

    Two orders may have units of one number, which their lines tell apart; of a unit that no order
    knows nothing but the number does, and the product, if both cases name one.

    Raises:
        UnitTaken
    """
    read = and_(unit_claims.c.order == UNKNOWN_ORDER, unit_claims.c.line.in_(claim.numbers))
    sold = unit_claims.c.serial.in_(claim.numbers)
    same = or_(read, sold) if claim.is_read else read
    query = select(unit_claims).where(unit_claims.c.tenant == tenant, same)
    rows = (await connection.execute(query)).all() if claim.numbers else []
    numbers = {
        row.number
        for row in rows
        if row.number not in own
        and not (row.held_until and row.held_until <= now)
        and (None in (row.product, claim.product) or row.product == claim.product)
    }
    if numbers:
        raise UnitTaken(claim.line, sorted(numbers), read=claim.is_read)


def _places(claim: LineClaim, others: Sequence[Row[Any]]) -> list[int]:
    """Return the places that a claim gets: the first that nobody has.

    Raises:
        UnitTaken: there are not so many, or somebody has one of its serial numbers.
    """
    if named := {row.number for row in others if row.serial in claim.serials}:
        raise UnitTaken(claim.line, sorted(named))
    taken = {row.place for row in others}
    free = [place for place in range(1, claim.ordered + 1) if place not in taken]
    if len(free) < claim.quantity:
        raise UnitTaken(claim.line, sorted({row.number for row in others}))
    return free[: claim.quantity]


def _serials(claim: LineClaim) -> list[str | None]:
    """Return the serial number of each unit that is claimed, as far as it is known."""
    named = claim.serials[: claim.quantity]
    return [*named, *[None] * (claim.quantity - len(named))]


def _of_case(tenant: str, number: str) -> ColumnElement[bool]:
    return and_(unit_claims.c.tenant == tenant, unit_claims.c.number == number)
