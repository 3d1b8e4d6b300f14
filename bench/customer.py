"""Reserves a number and a customer with a phone, as a start through the API does."""

from datetime import UTC, datetime

from store import Store
from store.customers.records import Contact, CustomerInput
from store.intake.records import Reservation, Reserved


async def reserve(store: Store, key: str = "1") -> Reserved:
    """Reserve a number for a complaint of a customer with a phone."""
    now = datetime.now(UTC)
    phone = CustomerInput(contacts=(Contact("phone", "13800000000"),))
    wanted = Reservation(
        prefix="TS",
        day=now.date(),
        digest="-",
        now=now,
        key=("bench", key),
        source="desk",
        customer=phone,
    )
    return await store.intake.reserve("default", wanted)
