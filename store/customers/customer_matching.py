"""Whose case it is: the customer that a start means, found, or written down with who said so."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.contact_points import kept_as, normal, same_identity
from store.customers.customers import among, is_known
from store.customers.records import DESK, Contact, CustomerGiven
from store.customers.tables import contact_points, contact_sources, customer_sources, customers
from store.db.sql import insert
from store.errors import UnknownCustomer

Points = Mapping[tuple[str, str], Contact]
"""Contact points by kind and normal spelling."""


@dataclass(frozen=True)
class Telling:
    """Who tells us something of a customer, and when."""

    tenant: str
    source: str
    now: datetime


async def find_or_add(
    connection: AsyncConnection, telling: Telling, given: CustomerGiven
) -> str | None:
    """The reference of the customer that is meant: named, or found by a contact point, or new.

    What the source had not told of them is added as its own. Two that add the same contact point
    at once collide on its key: the second must try again, and then finds the first.

    Raises:
        UnknownCustomer: the reference leads nowhere, or to a customer the source does not know.
        WrongContact: a contact point is empty.
    """
    if given.ref is not None:
        await _must_know(connection, telling, given.ref)
        ref = given.ref
    elif given.contacts or given.name:
        ref = await _match(connection, telling, given.contacts)
    else:
        return None
    await _acquaint(connection, telling, ref, given.name)
    return ref


async def _must_know(connection: AsyncConnection, telling: Telling, ref: str) -> None:
    by = customer_sources.c
    mine = (by.tenant == telling.tenant, by.customer == ref, by.source == telling.source)
    known = (
        await is_known(connection, telling.tenant, ref)
        if telling.source == DESK
        else await connection.scalar(select(by.customer).where(*mine)) is not None
    )
    if not known:
        raise UnknownCustomer(f"There is no customer {ref}.")


async def _match(connection: AsyncConnection, telling: Telling, contacts: Sequence[Contact]) -> str:
    points = {(contact.kind, normal(contact)): contact for contact in contacts}
    alike = [*dict.fromkeys(each for point in points for each in same_identity(point))]
    owners = await _owners(connection, telling.tenant, alike)
    ref = next((owners[each] for each in alike if each in owners), None)
    if ref is None:
        ref = await _add(connection, telling)
    # A number is kept as a phone's in any case: two that bring it at once, one by text message
    # and one by phone, collide there.
    new = [point for point in kept_as(points) if point not in owners]
    await _add_points(connection, telling.tenant, ref, new)
    # A contact point that is another customer's says nothing of this one.
    own = {point: each for point, each in points.items() if owners.get(point, ref) == ref}
    await _add_sources(connection, telling, own)
    return ref


async def _owners(
    connection: AsyncConnection, tenant: str, points: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    by = contact_points.c
    wanted = select(by.kind, by.normal, by.customer).where(*among(contact_points, tenant, points))
    rows = await connection.execute(wanted)
    return {(kind, value): ref for kind, value, ref in rows if (kind, value) in points}


async def _add(connection: AsyncConnection, telling: Telling) -> str:
    ref = f"cu-{secrets.token_hex(8)}"
    row = {"tenant": telling.tenant, "ref": ref, "created_at": telling.now}
    await connection.execute(plain_insert(customers).values(row))
    return ref


async def _add_points(
    connection: AsyncConnection, tenant: str, ref: str, points: Sequence[tuple[str, str]]
) -> None:
    if not points:
        return
    highest = select(func.coalesce(func.max(contact_points.c.rank), 0)).where(
        contact_points.c.tenant == tenant, contact_points.c.customer == ref
    )
    first = (await connection.scalar(highest) or 0) + 1
    rows = [
        {"tenant": tenant, "kind": kind, "normal": value, "customer": ref, "rank": rank}
        for rank, (kind, value) in enumerate(points, first)
    ]
    await connection.execute(plain_insert(contact_points), rows)


async def _add_sources(connection: AsyncConnection, telling: Telling, points: Points) -> None:
    who = {"tenant": telling.tenant, "source": telling.source, "since": telling.now}
    rows = [
        {**who, "kind": kind, "normal": value, "value": contact.value}
        for (kind, value), contact in points.items()
    ]
    if rows:
        await connection.execute(insert(connection, contact_sources).on_conflict_do_nothing(), rows)


async def _acquaint(
    connection: AsyncConnection, telling: Telling, ref: str, name: str | None
) -> None:
    """The source knows this customer from now on; the first name it gives is the one it reads."""
    row = {
        "tenant": telling.tenant,
        "customer": ref,
        "source": telling.source,
        "name": name,
        "since": telling.now,
    }
    adding = insert(connection, customer_sources).values(row)
    await connection.execute(adding.on_conflict_do_nothing())
    if name:
        by = customer_sources.c
        mine = (by.tenant == telling.tenant, by.customer == ref, by.source == telling.source)
        naming = update(customer_sources).where(*mine, by.name.is_(None))
        await connection.execute(naming.values(name=name))
