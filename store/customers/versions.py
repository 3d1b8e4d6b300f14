"""Correct customers' records and merge them: each change is a version, nothing is overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.roles import Actor
from store.audit.append import add_event
from store.audit.records import By
from store.customers.contacts import replace_contacts
from store.customers.customers import PROFILE, read_customer
from store.customers.persons import person_of
from store.customers.records import (
    Consent,
    Customer,
    CustomerVersion,
    VersionKind,
)
from store.customers.tables import customer_versions, customers
from store.db.clock import Clock
from store.db.request_keys import RequestKey, derived_id
from store.db.retry import retrying
from store.db.session import Sessions
from store.errors import (
    ChannelRefused,
    CustomerChanged,
    KeyReused,
    MergedElsewhere,
    NotMerged,
    SameCustomer,
    UnknownCustomer,
)

RECORD: Final = ("name", "contacts", *PROFILE)
"""What a version of a record has."""


@dataclass(frozen=True)
class Requested:
    """Who asks for a change of a customer of a tenant, and why; `digest` is of all that was said.

    The reason is kept in the version, and nowhere else: it may be about a person.
    """

    tenant: str
    by: By
    digest: str
    key: RequestKey | None = None


class CustomerVersions:
    """Writes and reads the versions of customers' records; each returns whether it was done before.

    A change without effect makes no version.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def correct(
        self,
        requested: Requested,
        ref: str,
        changes: Mapping[str, Any],
        seen: Sequence[int] | None = None,
    ) -> bool:
        """Change some of `RECORD` in a customer's record, or in that of whom it leads to.

        With `seen`, only if the record is in one of these versions.

        Raises:
            UnknownCustomer, CustomerChanged, KeyReused, WrongContact, ChannelRefused, Unstorable
            StoreDown
        """

        async def work(connection: AsyncConnection) -> bool:
            if await _was_done(connection, requested):
                return True
            (person,) = await _lock_persons(connection, requested.tenant, ref)
            await _correct(connection, requested, person, changes, seen, self._clock())
            return False

        return await retrying(self._sessions, work)

    async def merge(self, requested: Requested, ref: str, into: str) -> bool:
        """Let a customer lead to another one, and with it all that were merged into it.

        Raises:
            UnknownCustomer, MergedElsewhere, SameCustomer, KeyReused, StoreDown
        """

        async def work(connection: AsyncConnection) -> bool:
            if await _was_done(connection, requested):
                return True
            tenant = requested.tenant
            person, other = await _lock_persons(connection, tenant, into, ref)
            if (row := await _row(connection, tenant, ref)).merged_into is not None:
                if person == row.person:
                    return True
                raise MergedElsewhere(row.person)
            if person == other:
                raise SameCustomer(f"{into} is {ref}.")
            await _merge(connection, requested, ref, person, self._clock())
            return False

        return await retrying(self._sessions, work)

    async def unmerge(self, requested: Requested, ref: str) -> bool:
        """Let a customer that was merged stand for itself again; with those merged into it before.

        What was started or corrected since stays with the one that it was merged into.

        Raises:
            UnknownCustomer, NotMerged, KeyReused, StoreDown
        """

        async def work(connection: AsyncConnection) -> bool:
            if await _was_done(connection, requested):
                return True
            (person,) = await _lock_persons(connection, requested.tenant, ref)
            if (await _row(connection, requested.tenant, ref)).merged_into is None:
                raise NotMerged(f"{ref} was not merged.")
            await _unmerge(connection, requested, ref, person, self._clock())
            return False

        return await retrying(self._sessions, work)

    async def of(self, tenant: str, ref: str) -> list[CustomerVersion]:
        """Return the versions of one reference's record, the first one first.

        Raises:
            UnknownCustomer
        """
        async with self._sessions.reading() as connection:
            row = await _row(connection, tenant, ref)
            rows = customer_versions.c
            query = select(customer_versions).where(rows.tenant == tenant, rows.customer == ref)
            versions = [_version(each) for each in await connection.execute(query.order_by(rows.n))]
            if versions:
                return versions
            customer = await read_customer(connection, tenant, ref)
        record = _record(customer) if customer else {}
        return [CustomerVersion(1, row.created_at, VersionKind.ADDED, None, "", record)]


async def _correct(
    connection: AsyncConnection,
    requested: Requested,
    person: str,
    changes: Mapping[str, Any],
    seen: Sequence[int] | None,
    now: datetime,
) -> None:
    before = await _read(connection, requested.tenant, person)
    if seen is not None and before.version not in seen:
        raise CustomerChanged(before.version)
    after = replace(before, **changes)
    fields = [name for name in RECORD if getattr(before, name) != getattr(after, name)]
    if not fields:
        return
    _refuse_refused_channel(after, fields)
    if "contacts" in fields:
        members = [person, *before.merged]
        await replace_contacts(connection, requested.tenant, members, after.contacts, now)
        held = (await _read(connection, requested.tenant, person)).contacts
        after = replace(after, contacts=held)
    await _keep_first(connection, requested.tenant, before)
    values = {"what": VersionKind.CORRECTED.value, "record": _record(after)}
    n = await _add_version(connection, requested, person, now, values, with_key=True)
    details = {"version": n, "fields": fields}
    await _log(connection, requested, "customer.corrected", person, details, now)


def _refuse_refused_channel(after: Customer, fields: Sequence[str]) -> None:
    """Refuse to prefer what is refused, if the correction brings that about."""
    channel = after.preferred_channel
    is_new = "preferred_channel" in fields or "consent" in fields
    if is_new and channel and after.consent.get(channel) == Consent.REFUSED:
        raise ChannelRefused(channel, is_choice="preferred_channel" in fields)


async def _merge(
    connection: AsyncConnection, requested: Requested, ref: str, person: str, now: datetime
) -> None:
    tenant = requested.tenant
    own, stays = [await _read(connection, tenant, each) for each in (ref, person)]
    for each in (own, stays):
        await _keep_first(connection, tenant, each)
    members = customers.c.ref.in_([ref, *own.merged])
    await _update(connection, tenant, members, person=person)
    await _update(connection, tenant, customers.c.ref == ref, merged_into=person)
    merge = {"what": VersionKind.MERGED.value, "merged": ref, "into": person}
    held = (await _read(connection, tenant, person)).contacts
    both = replace(_joined(stays, own), contacts=held)
    values = {**merge, "record": _record(own)}
    await _add_version(connection, requested, ref, now, values, with_key=True)
    await _add_version(connection, requested, person, now, {**merge, "record": _record(both)})
    await _log(connection, requested, "customer.merged", ref, {"into": person}, now)


async def _unmerge(
    connection: AsyncConnection, requested: Requested, ref: str, person: str, now: datetime
) -> None:
    tenant, rows = requested.tenant, customers.c
    query = select(rows.ref, rows.merged_into).where(rows.tenant == tenant, rows.person == person)
    parents = {row[0]: row[1] for row in await connection.execute(query)}
    leaving = {each for each in parents if ref in _way_up(parents, each)}
    await _update(connection, tenant, rows.ref.in_(sorted(leaving)), person=ref)
    await _update(connection, tenant, rows.ref == ref, person=None, merged_into=None)
    undone = {"what": VersionKind.UNMERGED.value, "merged": ref, "into": person}
    own, stays = [await _read(connection, tenant, each) for each in (ref, person)]
    stays = replace(stays, **await _before_merge(connection, tenant, person, ref))
    values = {**undone, "record": _record(own)}
    await _add_version(connection, requested, ref, now, values, with_key=True)
    await _add_version(connection, requested, person, now, {**undone, "record": _record(stays)})
    await _log(connection, requested, "customer.unmerged", ref, {"from": person}, now)


async def _before_merge(
    connection: AsyncConnection, tenant: str, person: str, ref: str
) -> dict[str, Any]:
    """Return the profile that was before a merge, if nothing was changed since."""
    rows = customer_versions.c
    query = select(customer_versions).where(rows.tenant == tenant, rows.customer == person)
    newest, before = (await connection.execute(query.order_by(rows.n.desc()).limit(2))).all()
    if (newest.what, newest.merged) != (VersionKind.MERGED, ref):
        return {}
    return {name: before.record[name] for name in ("name", *PROFILE)}


def _way_up(parents: Mapping[str, str], ref: str) -> list[str]:
    """Return whom a reference was merged into, and whom that one was, to the end."""
    way: list[str] = []
    while ref in parents:
        ref = parents[ref]
        way.append(ref)
    return way


def _joined(stays: Customer, other: Customer) -> Customer:
    """Return a record with what only the other one says; what either refused is refused."""
    taken = {
        name: getattr(other, name) for name in ("name", *PROFILE) if getattr(stays, name) is None
    }
    refused = {
        channel: said
        for each in (stays, other)
        for channel, said in each.consent.items()
        if said == Consent.REFUSED
    }
    return replace(stays, **taken, consent={**other.consent, **stays.consent, **refused})


async def _lock_persons(connection: AsyncConnection, tenant: str, *refs: str) -> list[str]:
    """Return whom these references lead to, once nobody else changes them.

    Raises:
        UnknownCustomer
    """
    persons: list[str] = []
    while (now := await _persons(connection, tenant, refs)) != persons:
        persons = now
        rows = customers.c
        lock = select(rows.ref).where(rows.tenant == tenant, rows.ref.in_([*refs, *persons]))
        # In one order everywhere, so that two transactions seldom wait for each other; and starts
        # of these customers' cases, which only refer to them, wait for none.
        await connection.execute(lock.order_by(rows.ref).with_for_update(key_share=True))
    return persons


async def _persons(connection: AsyncConnection, tenant: str, refs: Sequence[str]) -> list[str]:
    persons = []
    for ref in refs:
        if (person := await person_of(connection, tenant, ref)) is None:
            raise UnknownCustomer(f"There is no customer {ref}.")
        persons.append(person)
    return persons


async def _row(connection: AsyncConnection, tenant: str, ref: str) -> Row[Any]:
    query = select(customers).where(customers.c.tenant == tenant, customers.c.ref == ref)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise UnknownCustomer(f"There is no customer {ref}.")
    return row


async def _read(connection: AsyncConnection, tenant: str, ref: str) -> Customer:
    customer = await read_customer(connection, tenant, ref)
    if customer is None:
        raise UnknownCustomer(f"There is no customer {ref}.")
    return customer


async def _update(connection: AsyncConnection, tenant: str, which: Any, **values: Any) -> None:
    await connection.execute(
        update(customers).where(customers.c.tenant == tenant, which).values(**values)
    )


async def _keep_first(connection: AsyncConnection, tenant: str, before: Customer) -> None:
    """Keep what was there before the first change as the first version."""
    if before.version > 1:
        return
    rows = customer_versions.c
    first = select(rows.n).where(rows.tenant == tenant, rows.customer == before.ref)
    if await connection.scalar(first.limit(1)) is not None:
        return
    row = {
        "tenant": tenant,
        "customer": before.ref,
        "n": 1,
        "at": (await _row(connection, tenant, before.ref)).created_at,
        "what": VersionKind.ADDED.value,
        "reason": "",
        "record": _record(before),
    }
    await connection.execute(plain_insert(customer_versions).values(row))


async def _add_version(
    connection: AsyncConnection,
    requested: Requested,
    ref: str,
    now: datetime,
    values: Mapping[str, Any],
    *,
    with_key: bool = False,
) -> int:
    rows = customer_versions.c
    newest = select(rows.n).where(rows.tenant == requested.tenant, rows.customer == ref)
    n = int(await connection.scalar(newest.order_by(rows.n.desc()).limit(1)) or 0) + 1
    row = {
        "tenant": requested.tenant,
        "customer": ref,
        "n": n,
        "at": now,
        "by": requested.by.actor.model_dump(mode="json"),
        "reason": requested.by.reason,
        "request": _request_id(requested) if with_key else None,
        "digest": requested.digest,
        **values,
    }
    await connection.execute(plain_insert(customer_versions).values(row))
    return n


async def _was_done(connection: AsyncConnection, requested: Requested) -> bool:
    """Return whether the request with this key did this before.

    Raises:
        KeyReused: it did something else.
    """
    if (id := _request_id(requested)) is None:
        return False
    rows = customer_versions.c
    query = select(rows.digest).where(rows.tenant == requested.tenant, rows.request == id)
    digest = await connection.scalar(query)
    if digest is not None and digest != requested.digest:
        raise KeyReused("The request's key was used before, with another body.")
    return digest is not None


def _request_id(requested: Requested) -> str | None:
    key = requested.key
    return None if key is None else derived_id(requested.tenant, key, 12)


async def _log(
    connection: AsyncConnection,
    requested: Requested,
    what: str,
    ref: str,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    by = By(requested.by.actor)
    await add_event(connection, requested.tenant, now, by, what, ref, details)


def _record(customer: Customer) -> dict[str, Any]:
    every = asdict(customer)
    return {name: every[name] for name in RECORD}


def _version(row: Row[Any]) -> CustomerVersion:
    by = Actor.model_validate(row.by) if row.by else None
    return CustomerVersion(
        n=row.n, at=row.at, what=row.what, by=by, reason=row.reason, record=row.record,
        merged=row.merged, into=row.into,
    )  # fmt: skip
