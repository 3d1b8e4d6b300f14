"""Drawing case numbers: short, not to be guessed in order, unique over all tenants."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_numbers import SERIAL_DIGITS, case_number
from store.db.sql import insert
from store.errors import NumbersUsedUp
from store.intake.records import Reservation
from store.intake.tables import reservations

Draw = Callable[[int], str]
MAX_DIGITS, TRIES = 9, 4


def draw_serial(digits: int) -> str:
    """A random serial of so many digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


async def reserve_number(
    connection: AsyncConnection,
    tenant: str,
    wanted: Reservation,
    customer: str | None,
    lease_until: datetime,
    draw: Draw = draw_serial,
) -> str:
    """Draw until a number is free, and take it; crowded days get longer numbers.

    Raises:
        NumbersUsedUp
    """
    row = {
        "tenant": tenant,
        "customer": customer,
        "reserved_at": wanted.now,
        "lease_until": lease_until,
    }
    for digits in range(SERIAL_DIGITS, MAX_DIGITS + 1):
        for _ in range(TRIES):
            number = case_number(wanted.prefix, wanted.day, draw(digits))
            attempt = insert(connection, reservations).values(**row, number=number)
            taken = attempt.on_conflict_do_nothing().returning(reservations.c.number)
            if await connection.scalar(taken) is not None:
                return number
    raise NumbersUsedUp(f"No free case number was found for {wanted.day}; try again.")
