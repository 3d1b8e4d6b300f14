"""Find the customer of a case that is started, or add one; says which system gave each datum."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.contact_points import (
    Point,
    earlier_spellings,
    equivalent_points,
    is_nobodys,
    normal_spelling,
    private_spelling,
    stored_points,
)
from store.customers.customers import customer_exists, of_points
from store.customers.records import DESK, Contact, CustomerInput
from store.customers.tables import (
    contact_points,
    contact_sources,
    customer_sources,
    customers,
    given_customers,
)
from store.db.sql import insert
from store.errors import UnknownCustomer


@dataclass(frozen=True)
class Provenance:
    """Who gives data of a customer, and when."""

    tenant: str
    source: str
    now: datetime


async def find_or_add(
    connection: AsyncConnection, by: Provenance, customer: CustomerInput
) -> str | None:
    """Return the reference of the customer: named, found by a contact point, or added.

    What the source had not given before is added as its own. Two transactions that add the same
    contact point at once collide on its key: the second must try again, and then finds the first.

    Raises:
        UnknownCustomer: the reference leads nowhere, or to a customer the source does not know.
        WrongContact: a contact point is empty.
    """
    if customer.ref is not None:
        await _require_known(connection, by, customer.ref)
        ref = customer.ref
    elif customer.contacts or customer.name:
        ref = await _match_or_add(connection, by, customer.contacts)
    else:
        return None
    await _add_customer_source(connection, by, ref, customer.name)
    return ref


async def keep_as_given(
    connection: AsyncConnection, by: Provenance, number: str, ref: str, customer: CustomerInput
) -> None:
    """Keep what the start of a case said of its customer, for that case."""
    if not (customer.name or customer.contacts):
        return
    contacts = [{"kind": each.kind, "value": each.value} for each in customer.contacts]
    row = {
        "tenant": by.tenant,
        "number": number,
        "customer": ref,
        "source": by.source,
        "name": customer.name,
        "contacts": contacts,
        "since": by.now,
    }
    await connection.execute(plain_insert(given_customers).values(row))


async def _require_known(connection: AsyncConnection, by: Provenance, ref: str) -> None:
    rows = customer_sources.c
    own = (rows.tenant == by.tenant, rows.customer == ref, rows.source == by.source)
    is_known = (
        await customer_exists(connection, by.tenant, ref)
        if by.source == DESK
        else await connection.scalar(select(rows.customer).where(*own)) is not None
    )
    if not is_known:
        raise UnknownCustomer(f"There is no customer {ref}.")


async def _match_or_add(
    connection: AsyncConnection, by: Provenance, contacts: Sequence[Contact]
) -> str:
    matched = [contact for contact in contacts if not is_nobodys(contact)]
    candidates = {contact: _candidates(contact) for contact in matched}
    every = [*dict.fromkeys(chain.from_iterable(candidates.values()))]
    owners = await _owners(connection, by.tenant, every)
    ref = next((owners[point] for point in every if point in owners), None)
    if ref is None:
        ref = await _add_customer(connection, by)
    points = {_spelt_as_stored(each, candidates[each], owners): each for each in matched}
    # A contact point of nobody is this customer's alone: its spelling has the reference in it.
    nobodys = [contact for contact in contacts if is_nobodys(contact)]
    private = {(each.kind, f"{ref} {private_spelling(each)}"): each for each in nobodys}
    owners |= await _owners(connection, by.tenant, [*private])
    points |= private
    # A number is always stored as one for calls too: two starts that bring it at once, one by
    # text message and one by phone, collide there.
    new = [point for point in stored_points(points) if point not in owners]
    await _add_points(connection, by.tenant, ref, new)
    # A contact point that belongs to another customer says nothing of this one.
    own = {point: each for point, each in points.items() if owners.get(point, ref) == ref}
    await _add_contact_sources(connection, by, own)
    return ref


def _candidates(contact: Contact) -> list[Point]:
    """Return the points that the contact may be stored as, the normal spelling first."""
    spellings = (normal_spelling(contact), *earlier_spellings(contact))
    points = (equivalent_points((contact.kind, spelling)) for spelling in spellings)
    return [*dict.fromkeys(chain.from_iterable(points))]


def _spelt_as_stored(
    contact: Contact, candidates: Sequence[Point], owners: Mapping[Point, str]
) -> Point:
    """Return the contact's point, spelt as it is stored already if it is."""
    spelling = next((value for kind, value in candidates if (kind, value) in owners), None)
    return (contact.kind, spelling or normal_spelling(contact))


async def _owners(
    connection: AsyncConnection, tenant: str, points: Sequence[Point]
) -> dict[Point, str]:
    if not points:
        return {}
    rows = contact_points.c
    query = select(rows.kind, rows.normal, rows.customer).where(
        *of_points(contact_points, tenant, points)
    )
    owned = await connection.execute(query)
    return {(kind, value): ref for kind, value, ref in owned if (kind, value) in points}


async def _add_customer(connection: AsyncConnection, by: Provenance) -> str:
    ref = f"cu-{secrets.token_hex(8)}"
    row = {"tenant": by.tenant, "ref": ref, "created_at": by.now}
    await connection.execute(plain_insert(customers).values(row))
    return ref


async def _add_points(
    connection: AsyncConnection, tenant: str, ref: str, points: Sequence[Point]
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


async def _add_contact_sources(
    connection: AsyncConnection, by: Provenance, points: Mapping[Point, Contact]
) -> None:
    source = {"tenant": by.tenant, "source": by.source, "since": by.now}
    rows = [
        {**source, "kind": kind, "normal": value, "value": contact.value}
        for (kind, value), contact in points.items()
    ]
    if rows:
        await connection.execute(insert(connection, contact_sources).on_conflict_do_nothing(), rows)


async def _add_customer_source(
    connection: AsyncConnection, by: Provenance, ref: str, name: str | None
) -> None:
    """Record that the source knows the customer; the first name that it gives is kept."""
    row = {
        "tenant": by.tenant,
        "customer": ref,
        "source": by.source,
        "name": name,
        "since": by.now,
    }
    adding = insert(connection, customer_sources).values(row)
    await connection.execute(adding.on_conflict_do_nothing())
    if name:
        rows = customer_sources.c
        own = (rows.tenant == by.tenant, rows.customer == ref, rows.source == by.source)
        naming = update(customer_sources).where(*own, rows.name.is_(None))
        await connection.execute(naming.values(name=name))
