"""Read customers, and show each source only what it gave itself."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.contact_points import Point, is_nobodys, normal_spelling, possible_points
from store.customers.persons import members_of, person_of, persons_of, references_of
from store.customers.records import DESK, Contact, ContactKind, Customer
from store.customers.tables import (
    contact_sources,
    customer_sources,
    customer_versions,
    customers,
    given_customers,
    point_holders,
)
from store.db.session import Sessions
from store.errors import WrongContact

PHONE: Final = ContactKind.PHONE.value
BEGUN_NUMBER: Final = 4
"""Digits from which a text is the beginning of a number rather than of a name."""
PROFILE: Final = ("type", "tier", "preferred_channel", "consent")
"""What only people say of a customer: it is in the versions of the record alone."""
NOTHING_SAID: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("name", "type", "tier", "preferred_channel")),
    "consent": {},
}


class Customers:
    """Reads customers; `Intake` adds them, `CustomerVersions` corrects them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, ref: str, source: str | None = None) -> Customer | None:
        """Return the customer with this reference, or whom it leads to.

        Args:
            tenant: whose customer.
            ref: the reference.
            source: return only what this source gave; without one, all that is known.
        """
        async with self._sessions.reading() as connection:
            if source is None:
                return await read_customer(connection, tenant, ref)
            if not await customer_exists(connection, tenant, ref):
                return None
            name = await _name_of(connection, tenant, ref, source)
            contacts = await contacts_of(connection, tenant, ref, {source})
        return Customer(ref, name, tuple(contacts))

    async def tier(self, tenant: str, ref: str | None) -> str | None:
        """Return the tier of a customer, or of whom the reference leads to; None if nobody said.

        Raises:
            StoreDown
        """
        if ref is None:
            return None
        async with self._sessions.reading() as connection:
            person = await person_of(connection, tenant, ref) or ref
            newest = await _newest_records(connection, tenant, [person])
        _version, record = newest.get(person, (1, NOTHING_SAID))
        tier: str | None = record["tier"]
        return tier

    async def persons(self, tenant: str, refs: Sequence[str]) -> dict[str, str]:
        """Return where each known reference leads: the same for all of one person."""
        async with self._sessions.reading() as connection:
            return await persons_of(connection, tenant, refs)

    async def names(self, tenant: str, ref: str) -> list[str]:
        """Return all names that were given or corrected, the first one first."""
        async with self._sessions.reading() as connection:
            person = await person_of(connection, tenant, ref) or ref
            members = await members_of(connection, tenant, person)
            by_member = await names_of(connection, tenant, members)
        return list(dict.fromkeys(name for member in members for name in by_member[member]))

    async def find(self, tenant: str, text: str, limit: int) -> list[str]:
        """Return the references of the customers whom a text may mean, as it is being typed.

        It is a whole contact point however it is spelt, the beginning of a telephone number, or
        the beginning of a name.
        """
        points, rows = _points_meant(text), point_holders.c
        async with self._sessions.reading() as connection:
            found = await _owners_of(connection, tenant, points)
            if sum(each.isdecimal() for each in text) >= BEGUN_NUMBER:
                begun = normal_spelling(Contact(PHONE, text))
                numbers = select(rows.customer).where(
                    rows.tenant == tenant,
                    rows.kind == PHONE,
                    rows.given_up_at.is_(None),
                    rows.normal.startswith(begun, autoescape=True),
                )
                found += await connection.scalars(numbers.order_by(rows.normal).limit(limit))
            else:
                found += await _named(connection, tenant, text, limit)
            persons = await persons_of(connection, tenant, found)
        return list(dict.fromkeys(persons.values()))[:limit]

    async def exactly(self, tenant: str, text: str, limit: int) -> tuple[list[str], list[str]]:
        """Return the references of the customers with this contact point, and with this name.

        The contact point may be spelt in any way, the name in one. With each come the references
        that are the same person.
        """
        points = _points_meant(text)
        named: dict[str, None] = {}
        async with self._sessions.reading() as connection:
            reached = await _owners_of(connection, tenant, points)
            for table in (customer_sources, given_customers):
                rows = table.c
                same = select(rows.customer).where(rows.tenant == tenant, rows.name == text)
                named |= dict.fromkeys(await connection.scalars(same.limit(limit)))
            every = [
                sorted({*await connection.scalars(references_of(tenant, refs))}) if refs else []
                for refs in (reached[:limit], list(named)[:limit])
            ]
        return every[0], every[1]

    async def with_contact(self, tenant: str, text: str, limit: int) -> list[str]:
        """Return the customers with this contact point, spelt in any way, the first one first."""
        async with self._sessions.reading() as connection:
            held = await _owners_of(connection, tenant, _points_meant(text))
            persons = await persons_of(connection, tenant, held)
        return list(dict.fromkeys(persons.values()))[:limit]

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


async def read_customer(connection: AsyncConnection, tenant: str, ref: str) -> Customer | None:
    """Return all that is known of a customer, or of the one whom the reference leads to."""
    person = await person_of(connection, tenant, ref)
    if person is None:
        return None
    members = await members_of(connection, tenant, person)
    newest = await _newest_records(connection, tenant, [person])
    version, record = newest.get(person, (1, NOTHING_SAID))
    names = await names_of(connection, tenant, members)
    return Customer(
        ref=person,
        name=record["name"] or next((name for each in members for name in names[each]), None),
        contacts=tuple(await contacts_of(connection, tenant, person)),
        **{name: record[name] for name in PROFILE},
        version=version,
        merged=tuple(members[1:]),
        former=tuple(await _former_contacts(connection, tenant, members)),
    )


async def _newest_records(
    connection: AsyncConnection, tenant: str, members: Sequence[str]
) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Return the newest version of each record that has one: its number, and what it says."""
    rows = customer_versions.c
    query = select(rows.customer, rows.n, rows.record).where(
        rows.tenant == tenant, rows.customer.in_(members)
    )
    versions = await connection.execute(query.order_by(rows.customer, rows.n))
    return {customer: (n, record) for customer, n, record in versions}


async def names_of(
    connection: AsyncConnection, tenant: str, refs: Sequence[str]
) -> dict[str, list[str]]:
    """Return the names of each reference: the corrected one, then all that were given."""
    names: dict[str, dict[str, None]] = {ref: {} for ref in refs}
    newest = await _newest_records(connection, tenant, refs)
    for ref, (_, record) in newest.items():
        names[ref] |= {record["name"]: None} if record["name"] else {}
    for table in (customer_sources, given_customers):
        rows = table.c
        query = select(rows.customer, rows.name).where(
            rows.tenant == tenant, rows.customer.in_(refs), rows.name.is_not(None)
        )
        for ref, name in await connection.execute(query.order_by(rows.since, rows.source)):
            names[ref][name] = None
    return {ref: list(of_ref) for ref, of_ref in names.items()}


async def contacts_of(
    connection: AsyncConnection, tenant: str, ref: str, sources: Collection[str] | None = None
) -> list[Contact]:
    """Return a person's contact points that these sources gave, in the order of the record."""
    person = await person_of(connection, tenant, ref) or ref
    members = await members_of(connection, tenant, person)
    points = await _held_points(connection, tenant, members)
    spelt = await _spellings(connection, tenant, points, sources)
    return [spelt[point] for point in points if point in spelt]


async def _held_points(
    connection: AsyncConnection, tenant: str, members: Sequence[str], *, former: bool = False
) -> list[Point]:
    rows = point_holders.c
    query = select(rows.kind, rows.normal).where(rows.tenant == tenant, rows.customer.in_(members))
    is_now = rows.given_up_at.is_not(None) if former else rows.given_up_at.is_(None)
    first = case((rows.customer == members[0], 0), else_=1)
    ordered = query.where(is_now).order_by(first, rows.customer, rows.rank, rows.kind)
    return list(dict.fromkeys((kind, value) for kind, value in await connection.execute(ordered)))


async def _spellings(
    connection: AsyncConnection,
    tenant: str,
    points: Collection[Point],
    sources: Collection[str] | None = None,
) -> dict[Point, Contact]:
    """Return the contact points as these sources spelt them: our desk before others."""
    # A query of its own: SQLite, which has no statistics, would begin a join with all that any
    # source gave.
    if not points:
        return {}
    rows = contact_sources.c
    query = select(rows.kind, rows.normal, rows.value).where(
        *of_points(contact_sources, tenant, points)
    )
    if sources is not None:
        query = query.where(rows.source.in_(sources))
    of_desk = case((rows.source == DESK, 0), else_=1)
    spelt: dict[Point, Contact] = {}
    for kind, value, spelling in await connection.execute(
        query.order_by(of_desk, rows.since, rows.source)
    ):
        spelt.setdefault((kind, value), Contact(kind, spelling))
    return spelt


async def _former_contacts(
    connection: AsyncConnection, tenant: str, members: Sequence[str]
) -> list[Contact]:
    """Return the contact points that a correction took out."""
    held = await _held_points(connection, tenant, members)
    gone = await _held_points(connection, tenant, members, former=True)
    points = [point for point in gone if point not in held]
    spelt = await _spellings(connection, tenant, points)
    return [spelt[point] for point in points if point in spelt]


def of_points(
    table: Table, tenant: str, points: Collection[Point]
) -> tuple[ColumnElement[bool], ...]:
    """Select the rows of these contact points, and maybe rows that mix one's kind, another's value.

    SQLite cannot look up a list of pairs in an index, only a list for each column.
    """
    kinds, values = {kind for kind, _ in points}, {value for _, value in points}
    return (table.c.tenant == tenant, table.c.kind.in_(kinds), table.c.normal.in_(values))


def _points_meant(text: str) -> set[Point]:
    """Return the contact points, of any kind, that a text may be spelt as."""
    points: set[Point] = set()
    for kind in ContactKind:
        contact = Contact(kind.value, text)
        with suppress(WrongContact):
            points |= set() if is_nobodys(contact) else {*possible_points(contact)}
    return points


async def holders_of(
    connection: AsyncConnection, tenant: str, points: Collection[Point]
) -> dict[Point, list[str]]:
    """Return the references that have each contact point, the first one first."""
    if not points:
        return {}
    rows = point_holders.c
    query = select(rows.kind, rows.normal, rows.customer).where(
        *of_points(point_holders, tenant, points), rows.given_up_at.is_(None)
    )
    since = select(customers.c.created_at).where(
        customers.c.tenant == tenant, customers.c.ref == rows.customer
    )
    held: dict[Point, list[str]] = {}
    ordered = query.order_by(since.scalar_subquery(), rows.customer)
    for kind, value, customer in await connection.execute(ordered):
        if (kind, value) in points:
            held.setdefault((kind, value), []).append(customer)
    return held


async def _owners_of(
    connection: AsyncConnection, tenant: str, points: Collection[Point]
) -> list[str]:
    """Return the references of the customers with any of these contact points."""
    held = await holders_of(connection, tenant, points)
    return list(dict.fromkeys(ref for refs in held.values() for ref in refs))


async def _named(connection: AsyncConnection, tenant: str, text: str, limit: int) -> list[str]:
    """Return the customers to whom any source gave a name that begins like this."""
    found: list[str] = []
    for table in (customer_sources, given_customers):
        rows = table.c
        query = select(rows.customer).where(
            rows.tenant == tenant, rows.name.startswith(text, autoescape=True)
        )
        found += await connection.scalars(query.order_by(rows.name).limit(limit))
    return found


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
