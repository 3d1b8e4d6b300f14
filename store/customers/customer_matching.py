"""Find the customer of a case that is started, or add one; says which system gave each datum.

Two names on one contact point are two people: each has it, until somebody says that they are one.
"""

import secrets
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.values import without_invisible
from store.customers.contact_points import (
    Point,
    is_nobodys,
    normal_spelling,
    possible_points,
    private_spelling,
    stored_points,
)
from store.customers.customers import customer_exists, holders_of, names_of, of_points
from store.customers.persons import members_of_all, person_of, persons_of
from store.customers.records import DESK, Contact, CustomerInput
from store.customers.tables import (
    contact_points,
    contact_sources,
    customer_sources,
    customers,
    given_customers,
    point_holders,
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
    A reference that was merged leads to the one that it was merged into.

    Raises:
        UnknownCustomer: the reference leads nowhere, or to a customer the source does not know.
        WrongContact: a contact point is empty.
    """
    if customer.ref is not None:
        await _require_known(connection, by, customer.ref)
        ref = await person_of(connection, by.tenant, customer.ref) or customer.ref
    elif customer.contacts or customer.name:
        ref = await _match_or_add(connection, by, customer.contacts, customer.name)
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
    connection: AsyncConnection, by: Provenance, contacts: Sequence[Contact], name: str | None
) -> str:
    matched = [contact for contact in contacts if not is_nobodys(contact)]
    spelt, known = await points_of(connection, by.tenant, matched)
    held = await _held_by_namesakes(connection, by.tenant, spelt, name)
    every = [point for points in spelt.values() for point in points]
    ref = next((held[point] for point in every if point in held), None)
    if ref is None:
        ref = await _add_customer(connection, by)
    # The first spelling is the one that is stored already, if there is one.
    points = {of_contact[0]: contact for contact, of_contact in spelt.items()}
    # A contact point that belongs to another customer says nothing of this one.
    own = {point: each for point, each in points.items() if held.get(point, ref) == ref}
    private = private_points(ref, contacts)
    own |= private
    # A number is always stored as one for calls too: two starts that bring it at once, one by
    # text message and one by phone, collide there.
    new = [point for point in stored_points([*points, *private]) if point not in held]
    await add_points(connection, by.tenant, ref, new, known)
    await add_contact_sources(connection, by, own)
    return ref


async def points_of(
    connection: AsyncConnection, tenant: str, contacts: Sequence[Contact]
) -> tuple[dict[Contact, list[Point]], set[Point]]:
    """Return the points that each contact may be stored as, and which of them are there.

    The first of each is as it is, or will be, stored. Whoever else brings one that is there waits
    until this transaction is over.
    """
    candidates = {contact: possible_points(contact) for contact in contacts}
    every = {*chain.from_iterable(candidates.values())}
    if not every:
        return {}, set()
    rows = contact_points.c
    stored = select(rows.kind, rows.normal).where(*of_points(contact_points, tenant, every))
    # In one order everywhere, so that two transactions never wait for each other.
    stored = stored.order_by(rows.kind, rows.normal).with_for_update(key_share=True)
    known = {(kind, value) for kind, value in await connection.execute(stored)}
    spelt = {
        contact: [_as_stored(contact, of_contact, known), *of_contact]
        for contact, of_contact in candidates.items()
    }
    return spelt, known


def private_points(ref: str, contacts: Sequence[Contact]) -> dict[Point, Contact]:
    """Return the points of nobody: each is this customer's alone, by the reference in it."""
    nobodys = [contact for contact in contacts if is_nobodys(contact)]
    return {(each.kind, f"{ref} {private_spelling(each)}"): each for each in nobodys}


def _as_stored(contact: Contact, candidates: Sequence[Point], known: set[Point]) -> Point:
    """Return the contact's point, spelt as it is stored already if it is."""
    spelling = next((value for kind, value in candidates if (kind, value) in known), None)
    return (contact.kind, spelling or normal_spelling(contact))


async def _held_by_namesakes(
    connection: AsyncConnection,
    tenant: str,
    spelt: Mapping[Contact, Sequence[Point]],
    name: str | None,
) -> dict[Point, str]:
    """Return who has each point and may be meant: who has the name, who has none, or anybody.

    Of several it is the one who has the name, then the first.
    """
    points = {point for of_contact in spelt.values() for point in of_contact}
    holders = await holders_of(connection, tenant, points)
    persons = await persons_of(connection, tenant, chain.from_iterable(holders.values()))
    fits = await _fits(connection, tenant, {*persons.values()}, name)
    held: dict[Point, str] = {}
    for point, refs in holders.items():
        meant = [person for person in map(persons.__getitem__, refs) if fits[person]]
        if meant:
            held[point] = max(meant, key=fits.__getitem__)
    return held


async def _fits(
    connection: AsyncConnection, tenant: str, persons: Collection[str], name: str | None
) -> dict[str, int]:
    """Return how well a name fits each: 2 it is theirs, 1 nobody said another, 0 it is not."""
    if name is None or not persons:
        return dict.fromkeys(persons, 1)
    members = await members_of_all(connection, tenant, persons)
    given = await names_of(
        connection, tenant, [ref for of_one in members.values() for ref in of_one]
    )
    fits = {}
    for person, refs in members.items():
        theirs = {_plain_name(each) for ref in refs for each in given[ref]}
        fits[person] = 2 if _plain_name(name) in theirs else int(not theirs)
    return fits


def _plain_name(name: str) -> str:
    """Return a name without what people write now one way, now the other: width, case, blanks."""
    return "".join(without_invisible(unicodedata.normalize("NFKC", name)).casefold().split())


async def _add_customer(connection: AsyncConnection, by: Provenance) -> str:
    ref = f"cu-{secrets.token_hex(8)}"
    row = {"tenant": by.tenant, "ref": ref, "created_at": by.now}
    await connection.execute(plain_insert(customers).values(row))
    return ref


async def add_points(
    connection: AsyncConnection,
    tenant: str,
    ref: str,
    points: Sequence[Point],
    known: Collection[Point],
) -> None:
    """Add contact points to a customer who may have them already; `known` were there before.

    Raises:
        IntegrityError: another transaction brought one of them at the same time; try again.
    """
    holding = point_holders.c
    highest = select(func.coalesce(func.max(holding.rank), 0)).where(
        holding.tenant == tenant, holding.customer == ref
    )
    first = (await connection.scalar(highest) or 0) + 1
    rows = [
        {"tenant": tenant, "kind": kind, "normal": value, "customer": ref, "rank": rank}
        for rank, (kind, value) in enumerate(points, first)
    ]
    # In one order everywhere, so that two transactions never wait for each other.
    for row in sorted(rows, key=lambda row: (row["kind"], row["normal"])):
        if (row["kind"], row["normal"]) in known:
            continue
        # What is this customer's alone nobody else brings, and may be there.
        is_own = str(row["normal"]).startswith(f"{ref} ")
        adding = insert(connection, contact_points).values(row)
        await connection.execute(adding.on_conflict_do_nothing() if is_own else adding)
    if rows:
        await connection.execute(insert(connection, point_holders).on_conflict_do_nothing(), rows)


async def add_contact_sources(
    connection: AsyncConnection, by: Provenance, points: Mapping[Point, Contact]
) -> None:
    """Record that a source gave contact points; its first spelling of each is kept."""
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
