"""Customers: the one home of personal data, and to whom which part of it is shown."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.records import Contact, Customer
from store.session import Sessions
from store.tables.customers import (
    contact_points,
    contact_sources,
    customer_sources,
    customers,
)


class Customers:
    """Reads customers; a start writes them, through `store.matching`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, ref: str, source: str | None = None) -> Customer | None:
        """The customer behind a case's reference.

        Args:
            tenant: whose customer.
            ref: the reference.
            source: show only what this source gave; without one, all that we know.
        """
        async with self._sessions.reading() as connection:
            if not await is_known(connection, tenant, ref):
                return None
            name = await _name_of(connection, tenant, ref, source)
            contacts = await contacts_of(connection, tenant, ref, source)
        return Customer(ref, name, tuple(contacts))


async def is_known(connection: AsyncConnection, tenant: str, ref: str) -> bool:
    """Whether there is a customer with this reference."""
    wanted = select(customers.c.ref).where(customers.c.tenant == tenant, customers.c.ref == ref)
    return await connection.scalar(wanted) is not None


async def contacts_of(
    connection: AsyncConnection, tenant: str, ref: str, source: str | None = None
) -> list[Contact]:
    """How to reach a customer, in the order in which we learned it."""
    points, given = contact_points.c, contact_sources.c
    wanted = (
        select(points.kind, points.normal, given.value)
        .join(
            contact_sources,
            (given.kind == points.kind) & (given.normal == points.normal),
        )
        .where(points.tenant == tenant, given.tenant == tenant, points.customer == ref)
        .order_by(points.rank, points.kind, given.since, given.source)
    )
    if source is not None:
        wanted = wanted.where(given.source == source)
    first: dict[tuple[str, str], Contact] = {}
    for kind, normal, value in await connection.execute(wanted):
        first.setdefault((kind, normal), Contact(kind, value))
    return list(first.values())


async def _name_of(
    connection: AsyncConnection, tenant: str, ref: str, source: str | None
) -> str | None:
    """The name that this source gave, or the first that anybody gave."""
    by = customer_sources.c
    wanted = select(by.name).where(by.tenant == tenant, by.customer == ref, by.name.is_not(None))
    if source is not None:
        wanted = wanted.where(by.source == source)
    name: str | None = await connection.scalar(wanted.order_by(by.since, by.source).limit(1))
    return name
