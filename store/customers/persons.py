"""Which references are one person: somebody said so, and may take it back."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, CompoundSelect, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from store.customers.tables import customers

rows = customers.c
PERSON: ColumnElement[str] = func.coalesce(rows.person, rows.ref)
"""Where a reference leads: to another one, or to itself."""


async def person_of(connection: AsyncConnection, tenant: str, ref: str) -> str | None:
    """Return the reference that this one leads to; None if there is none."""
    query = select(PERSON).where(rows.tenant == tenant, rows.ref == ref)
    person: str | None = await connection.scalar(query)
    return person


async def members_of(connection: AsyncConnection, tenant: str, person: str) -> list[str]:
    """Return a person's references: the one that all lead to, then those that were merged."""
    return (await members_of_all(connection, tenant, [person]))[person]


async def members_of_all(
    connection: AsyncConnection, tenant: str, persons: Collection[str]
) -> dict[str, list[str]]:
    """Return the references of each person, as `members_of` does."""
    members = {person: [person] for person in persons}
    if not members:
        return members
    query = select(rows.person, rows.ref).where(rows.tenant == tenant, rows.person.in_(persons))
    # Sorted here: SQLite would read the whole tenant in this order.
    for person, ref in sorted((row[0], row[1]) for row in await connection.execute(query)):
        members[person].append(ref)
    return members


async def persons_of(
    connection: AsyncConnection, tenant: str, refs: Iterable[str]
) -> dict[str, str]:
    """Return where each reference leads, in the order of the references."""
    refs = list(dict.fromkeys(refs))
    if not refs:
        return {}
    query = select(rows.ref, PERSON).where(rows.tenant == tenant, rows.ref.in_(refs))
    persons = {row[0]: row[1] for row in await connection.execute(query)}
    return {ref: persons[ref] for ref in refs if ref in persons}


def references_of(tenant: str, refs: Collection[str]) -> CompoundSelect[tuple[str]]:
    """Return the query for all references of the persons that these lead to, and for these."""
    named = customers.alias("named").c
    person = func.coalesce(named.person, named.ref)
    persons = select(person).where(named.tenant == tenant, named.ref.in_(refs))
    merged = select(rows.ref).where(rows.tenant == tenant, rows.person.in_(persons))
    # One list, since neither database looks up the sides of an OR by an index each.
    return union_all(*(select(literal(ref)) for ref in refs), persons, merged)
