"""API keys: shown once, kept as a hash, looked up at every request.

That one was made or revoked is an act in the ledger too, written in the same transaction.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.append import note
from store.audit.records import BY_ITSELF, By
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import UnknownKey, UnknownStaff
from store.people.people import staff_of
from store.people.records import KeyInfo, KeyOwner, KeyRecord, OwnerKind
from store.people.tables import api_keys

PREFIX = "bj"


class Keys:
    """Makes, finds and revokes API keys."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self,
        tenant: str,
        owner: KeyOwner,
        roles: Iterable[str] = (),
        expires_at: datetime | None = None,
        by: By = BY_ITSELF,
    ) -> tuple[str, str]:
        """A new key: its id, and the key itself, which is never shown again.

        Raises:
            UnknownStaff: the key is for a person who is not on the staff.
        """
        id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        now, mine = self._clock(), sorted(set(roles))
        row = {
            "tenant": tenant,
            "id": id,
            "owner_kind": owner.kind.value,
            "owner": owner.id,
            "roles": mine,
            "hash": _hash(secret),
            "created_at": now,
            "expires_at": expires_at,
        }
        told = {"for": owner.kind.value, "owner": owner.id, "roles": mine}
        async with self._sessions.writing() as connection:
            is_staff = owner.kind is OwnerKind.STAFF
            if is_staff and not await staff_of(connection, tenant, owner.id):
                raise UnknownStaff(f"Nobody on the staff is {owner.id}.")
            await connection.execute(insert(api_keys).values(row))
            await note(connection, tenant, now, by, "key.added", id, told)
        return id, f"{PREFIX}_{id}_{secret}"

    async def find(self, plaintext: str) -> KeyRecord | None:
        """Whose key this is; None if it is nobody's, revoked or expired."""
        prefix, _, rest = plaintext.partition("_")
        id, _, secret = rest.partition("_")
        if prefix != PREFIX or not secret or "\0" in id:
            return None
        async with self._sessions.reading() as connection:
            # The one query that does not know the tenant yet: the key says it.
            row = (await connection.execute(select(api_keys).where(api_keys.c.id == id))).first()
            if row is None or not self._opens(row, secret):
                return None
            return await _record(connection, row)

    async def list(self, tenant: str) -> list[KeyInfo]:
        """All keys, the newest last."""
        wanted = select(api_keys).where(api_keys.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(wanted.order_by(api_keys.c.created_at, api_keys.c.id))
            return [_info(row) for row in rows]

    async def revoke(self, tenant: str, id: str, by: By = BY_ITSELF) -> None:
        """Close a key for good; doing it again changes nothing.

        Raises:
            UnknownKey
        """
        this = (api_keys.c.tenant == tenant, api_keys.c.id == id)
        async with self._sessions.writing() as connection:
            row = (await connection.execute(select(api_keys.c.revoked_at).where(*this))).first()
            if row is None:
                raise UnknownKey(f"There is no key {id}.")
            if row.revoked_at is None:
                now = self._clock()
                await connection.execute(update(api_keys).where(*this).values(revoked_at=now))
                await note(connection, tenant, now, by, "key.revoked", id, {})

    def _opens(self, row: Row[Any], secret: str) -> bool:
        over = row.expires_at is not None and row.expires_at <= self._clock()
        matches = hmac.compare_digest(row.hash, _hash(secret))
        return matches and row.revoked_at is None and not over


async def _record(connection: AsyncConnection, row: Row[Any]) -> KeyRecord:
    info = _info(row)
    tenant: str = row.tenant
    if info.owner.kind is OwnerKind.SYSTEM:
        name, roles = info.owner.id, info.roles
        return KeyRecord(tenant, info.id, info.owner, name, roles, teams=(), active=True)
    people = await staff_of(connection, tenant, info.owner.id)
    if not people:
        return KeyRecord(tenant, info.id, info.owner, info.owner.id, (), teams=(), active=False)
    who = people[0]
    return KeyRecord(
        tenant, info.id, info.owner, who.name, who.roles, teams=who.teams, active=who.active
    )


def _info(row: Row[Any]) -> KeyInfo:
    return KeyInfo(
        row.id,
        KeyOwner(OwnerKind(row.owner_kind), row.owner),
        tuple(row.roles),
        row.created_at,
        row.expires_at,
        row.revoked_at,
    )


def _hash(secret: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).digest()
