"""API keys: shown once, stored as a hash, looked up at every request.

Adding or revoking a key writes an audit event in the same transaction.
"""

import hashlib
import hmac
import secrets
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.append import add_event
from store.audit.records import BY_SYSTEM, By
from store.db.clock import Clock
from store.db.request_keys import RequestKey, derived_id
from store.db.session import Sessions
from store.db.sql import insert
from store.errors import KeyReused, Taken, UnknownKey, UnknownStaff
from store.people.people import lock_staff, refuse_if_nobody_has, staff_of
from store.people.records import KeyHolder, KeyInfo, KeyOwner, OwnerKind
from store.people.tables import api_keys

PREFIX = "bj"


class Keys:
    """Adds, finds and revokes API keys."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self,
        tenant: str,
        owner: KeyOwner,
        by: By = BY_SYSTEM,
        request_key: RequestKey | None = None,
    ) -> tuple[str, str]:
        """Add a key; return its id, and the key itself, which is never shown again.

        Raises:
            Taken: the same request added it before; its text is the id.
            KeyReused: the request's key came before, for another owner.
            UnknownStaff: the key is for a person who is not on the staff, or no longer.
        """
        id = derived_id(tenant, request_key, 6) if request_key else secrets.token_hex(6)
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        roles: list[str] = []  # a person has those of their row, a system needs none
        row = {
            "tenant": tenant,
            "id": id,
            "owner_kind": owner.kind.value,
            "owner": owner.id,
            "roles": roles,
            "hash": _hash(secret),
            "created_at": now,
            "expires_at": None,
        }
        details = {"for": owner.kind.value, "owner": owner.id, "roles": roles}
        async with self._sessions.writing() as connection:
            if owner.kind is OwnerKind.STAFF:
                await _require_active(connection, tenant, owner.id)
            adding = insert(connection, api_keys).values(row).on_conflict_do_nothing()
            if not (await connection.execute(adding)).rowcount:
                await _refuse_second(connection, tenant, id, owner)
            await add_event(connection, tenant, now, by, "key.added", id, details)
        return id, f"{PREFIX}_{id}_{secret}"

    async def find(self, plaintext: str) -> KeyHolder | None:
        """Return whose key this is, None if it is unknown, revoked or expired."""
        prefix, _, rest = plaintext.partition("_")
        id, _, secret = rest.partition("_")
        if prefix != PREFIX or not secret or "\0" in id:
            return None
        async with self._sessions.reading() as connection:
            # The only query without a tenant: the key says which it is.
            row = (await connection.execute(select(api_keys).where(api_keys.c.id == id))).first()
            if row is None or not self._is_valid(row, secret):
                return None
            return await _holder(connection, row)

    async def list(self, tenant: str) -> list[KeyInfo]:
        """Return all keys, the newest last."""
        query = select(api_keys).where(api_keys.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query.order_by(api_keys.c.created_at, api_keys.c.id))
            return [_info(row) for row in rows]

    async def revoke(
        self, tenant: str, id: str, by: By = BY_SYSTEM, *, keep: str | None = None
    ) -> None:
        """Revoke a key for good; doing it again changes nothing.

        `keep` is a role that somebody with a key must be left with.

        Raises:
            UnknownKey
            NobodyLeft
        """
        this = (api_keys.c.tenant == tenant, api_keys.c.id == id)
        async with self._sessions.writing() as connection:
            await lock_staff(connection, tenant, keep)
            row = (await connection.execute(select(api_keys.c.revoked_at).where(*this))).first()
            if row is None:
                raise UnknownKey(f"There is no key {id}.")
            if row.revoked_at is None:
                now = self._clock()
                await connection.execute(update(api_keys).where(*this).values(revoked_at=now))
                await refuse_if_nobody_has(connection, tenant, keep, now)
                await add_event(connection, tenant, now, by, "key.revoked", id, {})

    def _is_valid(self, row: Row[Any], secret: str) -> bool:
        is_expired = row.expires_at is not None and row.expires_at <= self._clock()
        matches = hmac.compare_digest(row.hash, _hash(secret))
        return matches and row.revoked_at is None and not is_expired


async def _require_active(connection: AsyncConnection, tenant: str, id: str) -> None:
    """Refuse a key for somebody who may not act: it would open all the day they are let in again.

    Raises:
        UnknownStaff
    """
    people = await staff_of(connection, tenant, id)
    if not people:
        raise UnknownStaff(f"Nobody on the staff is {id}.")
    if not people[0].active:
        raise UnknownStaff(f"{id} has left: a key would open nothing.")


async def _refuse_second(
    connection: AsyncConnection, tenant: str, id: str, owner: KeyOwner
) -> None:
    """Refuse to add a key again that the same request added before."""
    this = (api_keys.c.tenant == tenant, api_keys.c.id == id)
    earlier = _info((await connection.execute(select(api_keys).where(*this))).one())
    if earlier.owner != owner:
        raise KeyReused("The request's key was used before, for another owner.")
    raise Taken(id)


async def _holder(connection: AsyncConnection, row: Row[Any]) -> KeyHolder:
    info = _info(row)
    tenant: str = row.tenant
    if info.owner.kind is OwnerKind.SYSTEM:
        name, roles = info.owner.id, info.roles
        return KeyHolder(tenant, info.id, info.owner, name, roles, teams=(), active=True)
    people = await staff_of(connection, tenant, info.owner.id)
    if not people:
        return KeyHolder(tenant, info.id, info.owner, info.owner.id, (), teams=(), active=False)
    person = people[0]
    return KeyHolder(
        tenant,
        info.id,
        info.owner,
        person.name,
        person.roles,
        teams=person.teams,
        active=person.active,
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
