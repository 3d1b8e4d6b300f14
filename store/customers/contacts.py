"""Replace a customer's contact points: those that are left out lead to them no more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.contact_points import Point, is_nobodys, stored_points
from store.customers.customer_matching import add_points, points_of, private_points
from store.customers.records import DESK, Contact
from store.customers.tables import contact_sources, point_holders
from store.db.sql import upsert


async def replace_contacts(
    connection: AsyncConnection,
    tenant: str,
    members: Sequence[str],
    contacts: Sequence[Contact],
    now: datetime,
) -> None:
    """Give a person these contact points, in this order; `members` are their references.

    Raises:
        WrongContact: one of them is empty.
        IntegrityError: another transaction brought one of them at the same time; try again.
    """
    person = members[0]
    matched = [contact for contact in contacts if not is_nobodys(contact)]
    spelt, known = await points_of(connection, tenant, matched)
    private = private_points(person, contacts)
    at = {contact: point for point, contact in private.items()}
    points = {(spelt[each][0] if each in spelt else at[each]): each for each in contacts}
    kept = stored_points(points)
    await _give_up_others(connection, tenant, members, kept, now)
    await add_points(connection, tenant, person, kept, known)
    await _hold(connection, tenant, person, kept)
    await _spell(connection, tenant, points, now)


async def _give_up_others(
    connection: AsyncConnection,
    tenant: str,
    members: Sequence[str],
    kept: Sequence[Point],
    now: datetime,
) -> None:
    rows = point_holders.c
    query = select(rows.kind, rows.normal).where(
        rows.tenant == tenant, rows.customer.in_(members), rows.given_up_at.is_(None)
    )
    held = {(kind, value) for kind, value in await connection.execute(query)}
    for kind, value in sorted(held - {*kept}):
        this = (rows.tenant == tenant, rows.kind == kind, rows.normal == value)
        gone = update(point_holders).where(*this, rows.customer.in_(members))
        await connection.execute(gone.values(given_up_at=now))


async def _hold(
    connection: AsyncConnection, tenant: str, person: str, points: Sequence[Point]
) -> None:
    names = ("tenant", "kind", "normal", "customer", "rank", "given_up_at")
    rows = [
        {
            "tenant": tenant,
            "kind": kind,
            "normal": value,
            "customer": person,
            "rank": rank,
            "given_up_at": None,
        }
        for rank, (kind, value) in enumerate(points, 1)
    ]
    if rows:
        await connection.execute(upsert(connection, point_holders, names), rows)


async def _spell(
    connection: AsyncConnection, tenant: str, points: dict[Point, Contact], now: datetime
) -> None:
    """Keep how our desk spells the contact points; what systems gave stays as they gave it."""
    names = ("tenant", "kind", "normal", "source", "value", "since")
    rows = [
        {
            "tenant": tenant,
            "kind": kind,
            "normal": value,
            "source": DESK,
            "value": contact.value,
            "since": now,
        }
        for (kind, value), contact in points.items()
    ]
    if rows:
        await connection.execute(upsert(connection, contact_sources, names), rows)
