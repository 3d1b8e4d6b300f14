"""Customers: the one home of personal data, and to whom which part of it is shown."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.records import Contact, Customer
from store.customers.tables import contact_points, contact_sources, customer_sources, customers
from store.db.session import Sessions


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
            told_by = None if source is None else {source}
            contacts = await contacts_of(connection, tenant, ref, told_by)
        return Customer(ref, name, tuple(contacts))


async def is_known(connection: AsyncConnection, tenant: str, ref: str) -> bool:
    """Whether there is a customer with this reference."""
    wanted = select(customers.c.ref).where(customers.c.tenant == tenant, customers.c.ref == ref)
    return await connection.scalar(wanted) is not None


async def contacts_of(
    connection: AsyncConnection, tenant: str, ref: str, sources: Collection[str] | None = None
) -> list[Contact]:
    """How to reach a customer, in the order in which we learned it; as these sources told us."""
    # In two steps: SQLite, which knows no sizes, would begin a join with all that any source told.
    own, given = contact_points.c, contact_sources.c
    mine = select(own.kind, own.normal).where(own.tenant == tenant, own.customer == ref)
    rows = await connection.execute(mine.order_by(own.rank, own.kind))
    points = [(kind, value) for kind, value in rows]
    told = select(given.kind, given.normal, given.value).where(
        *among(contact_sources, tenant, points)
    )
    if sources is not None:
        told = told.where(given.source.in_(sources))
    first: dict[tuple[str, str], Contact] = {}
    for kind, value, spelt in await connection.execute(told.order_by(given.since, given.source)):
        first.setdefault((kind, value), Contact(kind, spelt))
    return [first[point] for point in points if point in first]


def among(
    table: Table, tenant: str, points: Collection[tuple[str, str]]
) -> tuple[ColumnElement[bool], ...]:
    """Rows of these contact points, and maybe of others with one's kind and another's value.

    SQLite does not look up a list of pairs in an index; it does so with a list for each column.
    """
    kinds, values = {kind for kind, _ in points}, {value for _, value in points}
    return (table.c.tenant == tenant, table.c.kind.in_(kinds), table.c.normal.in_(values))


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
