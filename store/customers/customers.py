"""Read customers, and show each source only what it gave itself."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.contact_points import Point
from store.customers.records import Contact, Customer
from store.customers.tables import (
    contact_points,
    contact_sources,
    customer_sources,
    customers,
    given_customers,
)
from store.db.session import Sessions


class Customers:
    """Reads customers; `Intake` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, ref: str, source: str | None = None) -> Customer | None:
        """Return the customer with this reference.

        Args:
            tenant: whose customer.
            ref: the reference.
            source: return only what this source gave; without one, all that is known.
        """
        async with self._sessions.reading() as connection:
            if not await customer_exists(connection, tenant, ref):
                return None
            name = await _name_of(connection, tenant, ref, source)
            sources = None if source is None else {source}
            contacts = await contacts_of(connection, tenant, ref, sources)
        return Customer(ref, name, tuple(contacts))

    async def names(self, tenant: str, ref: str) -> list[str]:
        """Return all names that were given, the first one first: people share telephones."""
        names: dict[str, None] = {}
        async with self._sessions.reading() as connection:
            for table in (customer_sources, given_customers):
                rows = table.c
                query = select(rows.name).where(
                    rows.tenant == tenant, rows.customer == ref, rows.name.is_not(None)
                )
                names |= dict.fromkeys(
                    await connection.scalars(query.order_by(rows.since, rows.source))
                )
        return list(names)

    async def given(self, tenant: str, number: str) -> Customer | None:
        """Return what the start of a case said of its customer, None if it said nothing."""
        rows = given_customers.c
        query = select(rows.customer, rows.name, rows.contacts).where(
            rows.tenant == tenant, rows.number == number
        )
        async with self._sessions.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        contacts = tuple(Contact(each["kind"], each["value"]) for each in row.contacts)
        return Customer(row.customer, row.name, contacts)


async def customer_exists(connection: AsyncConnection, tenant: str, ref: str) -> bool:
    """Return whether there is a customer with this reference."""
    query = select(customers.c.ref).where(customers.c.tenant == tenant, customers.c.ref == ref)
    return await connection.scalar(query) is not None


async def contacts_of(
    connection: AsyncConnection, tenant: str, ref: str, sources: Collection[str] | None = None
) -> list[Contact]:
    """Return a customer's contact points that these sources gave, in the order they were added."""
    # Two queries: SQLite, which has no statistics, would begin a join with all that any source
    # gave.
    rows, sourced = contact_points.c, contact_sources.c
    query = select(rows.kind, rows.normal).where(rows.tenant == tenant, rows.customer == ref)
    points: list[Point] = [
        (kind, value)
        for kind, value in await connection.execute(query.order_by(rows.rank, rows.kind))
    ]
    if not points:
        return []
    spelling = select(sourced.kind, sourced.normal, sourced.value).where(
        *of_points(contact_sources, tenant, points)
    )
    if sources is not None:
        spelling = spelling.where(sourced.source.in_(sources))
    first: dict[Point, Contact] = {}
    for kind, value, spelt in await connection.execute(
        spelling.order_by(sourced.since, sourced.source)
    ):
        first.setdefault((kind, value), Contact(kind, spelt))
    return [first[point] for point in points if point in first]


def of_points(
    table: Table, tenant: str, points: Collection[Point]
) -> tuple[ColumnElement[bool], ...]:
    """Select the rows of these contact points, and maybe rows that mix one's kind, another's value.

    SQLite cannot look up a list of pairs in an index, only a list for each column.
    """
    kinds, values = {kind for kind, _ in points}, {value for _, value in points}
    return (table.c.tenant == tenant, table.c.kind.in_(kinds), table.c.normal.in_(values))


async def _name_of(
    connection: AsyncConnection, tenant: str, ref: str, source: str | None
) -> str | None:
    """Return the name that this source gave, or the first that any source gave."""
    rows = customer_sources.c
    query = select(rows.name).where(
        rows.tenant == tenant, rows.customer == ref, rows.name.is_not(None)
    )
    if source is not None:
        query = query.where(rows.source == source)
    name: str | None = await connection.scalar(query.order_by(rows.since, rows.source).limit(1))
    return name
