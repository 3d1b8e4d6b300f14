"""Policies that were published while the programs ran, and which one is in force since when.

A published text never changes. What is in force is said by releases, which are only ever added.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, Row, String, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.append import add_event
from store.audit.records import By
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert
from store.db.tables import table
from store.db.types import Instant, UserText
from store.errors import Taken

published_policies = table(
    "published_policies",
    Column("version", String, primary_key=True),
    Column("document", Text, nullable=False),
    Column("hash", String, nullable=False),
    Column("title", UserText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", UserText, nullable=False),
)

# `version` is a published one, or one of the program's own.
policy_releases = table(
    "policy_releases",
    Column("n", Integer, primary_key=True),
    Column("version", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", UserText, nullable=False),
)

RELEASES_SHOWN = 200
"""So many of the newest releases are listed."""


@dataclass(frozen=True)
class PublishedPolicy:
    """A policy as somebody published it: its text as cases carry it, and the hash of that."""

    version: str
    document: str
    hash: str
    title: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class PolicyRelease:
    """From when on a policy was in force for new cases, by whose word and why; counted by `n`."""

    n: int
    version: str
    at: datetime
    by: str
    reason: str


class Policies:
    """Keeps published policies and their releases; the caller has checked who may."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self, tenant: str, version: str, document: str, hash_: str, title: str, by: By
    ) -> tuple[PublishedPolicy, bool]:
        """Add a policy, once; return it, and whether it is new.

        Raises:
            Taken: another text has this version.
        """
        now = self._clock()
        values = {
            "tenant": tenant, "version": version, "document": document, "hash": hash_,
            "title": title, "at": now, "by": by.actor.id, "reason": by.reason,
        }  # fmt: skip
        async with self._sessions.writing() as connection:
            adding = insert(connection, published_policies).values(values)
            is_new = bool((await connection.execute(adding.on_conflict_do_nothing())).rowcount)
            stored = await _get(connection, tenant, version)
            if stored is None or stored.hash != hash_:
                raise Taken(version)
            if is_new:
                details = {"hash": hash_}
                await add_event(connection, tenant, now, by, "policy.published", version, details)
        return stored, is_new

    async def get(self, tenant: str, version: str) -> PublishedPolicy | None:
        """Return the policy with this version."""
        async with self._sessions.reading() as connection:
            return await _get(connection, tenant, version)

    async def all(self, tenant: str) -> list[PublishedPolicy]:
        """Return all published policies, the newest first."""
        rows = published_policies.c
        query = select(published_policies).where(rows.tenant == tenant)
        async with self._sessions.reading() as connection:
            found = await connection.execute(query.order_by(rows.at.desc(), rows.version))
            return [_policy(row) for row in found]

    async def release(self, tenant: str, version: str, by: By) -> PolicyRelease:
        """Put a policy in force for new cases; the one that is in force stays as it is."""
        now = self._clock()
        async with self._sessions.writing() as connection:
            while True:
                newest = await _releases(connection, tenant, 1)
                if newest and newest[0].version == version:
                    return newest[0]
                values = {
                    "tenant": tenant, "n": newest[0].n + 1 if newest else 1,
                    "version": version, "at": now, "by": by.actor.id, "reason": by.reason,
                }  # fmt: skip
                adding = insert(connection, policy_releases).values(values)
                if (await connection.execute(adding.on_conflict_do_nothing())).rowcount:
                    break
            details = {"before": newest[0].version if newest else None}
            await add_event(connection, tenant, now, by, "policy.released", version, details)
            return (await _releases(connection, tenant, 1))[0]

    async def releases(self, tenant: str) -> list[PolicyRelease]:
        """Return the newest releases, newest first: the first of them is in force."""
        async with self._sessions.reading() as connection:
            return await _releases(connection, tenant, RELEASES_SHOWN)

    async def was_released(self, tenant: str, version: str) -> bool:
        """Return whether a policy is or was in force."""
        rows = policy_releases.c
        query = select(rows.n).where(rows.tenant == tenant, rows.version == version).limit(1)
        async with self._sessions.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def in_force(self, tenant: str) -> tuple[str, str | None] | None:
        """Return the version that is in force, and its text unless it is the program's own.

        None if nobody ever released one.
        """
        async with self._sessions.reading() as connection:
            newest = await _releases(connection, tenant, 1)
            if not newest:
                return None
            stored = await _get(connection, tenant, newest[0].version)
        return newest[0].version, stored.document if stored else None


async def _get(connection: AsyncConnection, tenant: str, version: str) -> PublishedPolicy | None:
    rows = published_policies.c
    query = select(published_policies).where(rows.tenant == tenant, rows.version == version)
    row = (await connection.execute(query)).one_or_none()
    return _policy(row) if row else None


async def _releases(connection: AsyncConnection, tenant: str, limit: int) -> list[PolicyRelease]:
    rows = policy_releases.c
    query = select(policy_releases).where(rows.tenant == tenant)
    found = await connection.execute(query.order_by(rows.n.desc()).limit(limit))
    return [PolicyRelease(row.n, row.version, row.at, row.by, row.reason) for row in found]


def _policy(row: Row[Any]) -> PublishedPolicy:
    return PublishedPolicy(
        row.version, row.document, row.hash, row.title, row.at, row.by, row.reason
    )
