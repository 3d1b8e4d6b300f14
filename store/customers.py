"""Customers: the one home of personal data."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.contacts import normal
from store.errors import UnknownCustomer
from store.records import Contact, Customer, CustomerGiven
from store.session import Sessions
from store.tables.customers import contact_points, customers


class Customers:
    """Reads customers; a start writes them, through `find_or_add`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, ref: str) -> Customer | None:
        """The customer behind a case's reference."""
        async with self._sessions.reading() as connection:
            name = (await connection.execute(_named(tenant, ref))).one_or_none()
            if name is None:
                return None
            return Customer(ref, name[0], tuple(await contacts_of(connection, tenant, ref)))


async def contacts_of(connection: AsyncConnection, tenant: str, ref: str) -> list[Contact]:
    """How to reach a customer, in the order in which we learned it."""
    wanted = (
        select(contact_points.c.kind, contact_points.c.value)
        .where(contact_points.c.tenant == tenant, contact_points.c.customer == ref)
        .order_by(contact_points.c.rank, contact_points.c.kind)
    )
    return [Contact(kind, value) for kind, value in await connection.execute(wanted)]


async def find_or_add(
    connection: AsyncConnection, tenant: str, given: CustomerGiven, now: datetime
) -> str | None:
    """The reference of the customer that is meant: named, or found by a contact point, or new.

    What was not known of them is added. Two that add the same contact point at once collide on
    its key: the second must try again, and then finds the first.

    Raises:
        UnknownCustomer: the reference leads nowhere.
        WrongContact: a contact point is empty.
    """
    if given.ref is not None:
        if (await connection.execute(_named(tenant, given.ref))).one_or_none() is None:
            raise UnknownCustomer(f"There is no customer {given.ref}.")
        return given.ref
    if not given.contacts and not given.name:
        return None
    points = {(contact.kind, normal(contact)): contact for contact in given.contacts}
    owners = await _owners(connection, tenant, list(points))
    ref = next((owners[point] for point in points if point in owners), None)
    if ref is None:
        ref = await _add(connection, tenant, given.name, now)
    elif given.name:
        await _complete(connection, tenant, ref, given.name)
    unknown = {point: contact for point, contact in points.items() if point not in owners}
    await _add_points(connection, tenant, ref, unknown)
    return ref


async def _owners(
    connection: AsyncConnection, tenant: str, points: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    if not points:
        return {}
    key = (contact_points.c.kind, contact_points.c.normal)
    wanted = select(*key, contact_points.c.customer).where(
        contact_points.c.tenant == tenant, tuple_(*key).in_(points)
    )
    rows = await connection.execute(wanted)
    return {(kind, value): customer for kind, value, customer in rows}


async def _add(connection: AsyncConnection, tenant: str, name: str | None, now: datetime) -> str:
    ref = f"cu-{secrets.token_hex(8)}"
    row = {"tenant": tenant, "ref": ref, "name": name, "created_at": now}
    await connection.execute(insert(customers).values(row))
    return ref


async def _complete(connection: AsyncConnection, tenant: str, ref: str, name: str) -> None:
    await connection.execute(
        update(customers)
        .where(customers.c.tenant == tenant, customers.c.ref == ref, customers.c.name.is_(None))
        .values(name=name)
    )


async def _add_points(
    connection: AsyncConnection, tenant: str, ref: str, points: dict[tuple[str, str], Contact]
) -> None:
    if not points:
        return
    highest = select(func.coalesce(func.max(contact_points.c.rank), 0)).where(
        contact_points.c.tenant == tenant, contact_points.c.customer == ref
    )
    first = (await connection.scalar(highest) or 0) + 1
    rows = [
        {
            "tenant": tenant,
            "kind": kind,
            "normal": value,
            "value": contact.value,
            "customer": ref,
            "rank": rank,
        }
        for rank, ((kind, value), contact) in enumerate(points.items(), first)
    ]
    await connection.execute(insert(contact_points), rows)


def _named(tenant: str, ref: str) -> Select[Any]:
    return select(customers.c.name).where(customers.c.tenant == tenant, customers.c.ref == ref)
