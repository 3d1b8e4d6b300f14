"""Passwords of staff, and the one-time links by which a person chooses theirs.

The caller hashes passwords; only hashes come here. Every change writes an audit event in the same
transaction.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.roles import Actor, ActorKind
from store.audit.append import add_event
from store.audit.records import BY_SYSTEM, By
from store.db.clock import Clock
from store.db.request_keys import RequestKey, derived_id
from store.db.session import Sessions
from store.db.sql import upsert
from store.errors import Taken, UnknownLink, UnknownStaff
from store.people.people import staff_of
from store.people.requests import event_id, was_done
from store.people.tables import staff
from store.sign_in.records import Credential, Link, LinkHolder, new_token, token_hash
from store.sign_in.sessions import end_sessions
from store.sign_in.tables import known_browsers, sign_in_links, staff_passwords

LINK_LIFETIME: Final = timedelta(hours=24)
PASSWORD_COLUMNS: Final = ("tenant", "staff", "hash", "changed_at")
LINK_COLUMNS: Final = ("tenant", "staff", "id", "token_hash", "expires_at")


class Passwords:
    """Keeps the hashes of passwords."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def find(self, tenant: str, name: str, browser: str | None) -> Credential | None:
        """Return what a person of this name signs in by; capitals do not matter.

        `browser` is the token of a browser that may have signed in as this person before.
        """
        stored = _theirs(select(staff_passwords.c.hash), staff_passwords).scalar_subquery()
        known = known_browsers.c.token_hash == token_hash(browser or "")
        is_known = exists(_theirs(select(known_browsers.c.staff), known_browsers).where(known))
        named = or_(staff.c.id == name, func.lower(staff.c.id) == name.lower())
        query = select(
            staff.c.id, staff.c.active, stored.label("hash"), is_known.label("is_known")
        ).where(staff.c.tenant == tenant, named)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        # Ids that differ by capitals only are refused since long, and may be there all the same.
        row = next((row for row in rows if row.id == name or len(rows) == 1), None)
        if row is None:
            return None
        return Credential(row.id, row.active, row.hash, bool(row.is_known))

    async def set(
        self,
        tenant: str,
        id: str,
        password_hash: str,
        by: By = BY_SYSTEM,
        *,
        how: str,
        keep_session: str | None = None,
    ) -> None:
        """Give a person a password; their sessions end, but for one that may be kept.

        Raises:
            UnknownStaff
        """
        async with self._sessions.writing() as connection:
            if not await staff_of(connection, tenant, id):
                raise UnknownStaff(f"Nobody on the staff is {id}.")
            await _set(connection, tenant, id, password_hash, self._clock(), by, how, keep_session)

    async def rehash(self, tenant: str, id: str, old: str, new: str) -> bool:
        """Replace the hash of the same password; return whether it was still this one."""
        theirs = and_(staff_passwords.c.tenant == tenant, staff_passwords.c.staff == id)
        replacing = update(staff_passwords).where(theirs, staff_passwords.c.hash == old)
        async with self._sessions.writing() as connection:
            return bool((await connection.execute(replacing.values(hash=new))).rowcount)


class Links:
    """Makes one-time links, and has a password chosen by each once; a person has one at a time."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self, tenant: str, id: str, by: By = BY_SYSTEM, request_key: RequestKey | None = None
    ) -> Link:
        """Make a link for a person; an earlier one is good for nothing any more.

        Raises:
            UnknownStaff: nobody who is active has this id.
            Taken: the same request made it before; its text is the link's id.
            KeyReused: the request's key came before, with another body.
        """
        link_id = derived_id(tenant, request_key, 6) if request_key else secrets.token_hex(6)
        token, now = new_token(), self._clock()
        link = Link(link_id, token, now + LINK_LIFETIME)
        values = (tenant, id, link_id, token_hash(token), link.expires_at)
        done: tuple[By, str, str, dict[str, Any]] = (by, "staff.invited", id, {"link": link_id})
        async with self._sessions.writing() as connection:
            if await was_done(connection, tenant, request_key, *done):
                raise Taken(link_id)
            event = event_id(tenant, request_key)
            if not await add_event(connection, tenant, now, *done, event):
                # Another request with the key was quicker.
                await was_done(connection, tenant, request_key, *done)
                raise Taken(link_id)
            people = await staff_of(connection, tenant, id)
            if not people or not people[0].active:
                raise UnknownStaff(f"Nobody active on the staff is {id}.")
            row = dict(zip(LINK_COLUMNS, values, strict=True))
            adding = upsert(connection, sign_in_links, LINK_COLUMNS).values(row)
            await connection.execute(adding)
        return link

    async def find(self, token: str) -> LinkHolder:
        """Return whom a link is for.

        Raises:
            UnknownLink: there is none, it was used, or it is too old.
        """
        async with self._sessions.reading() as connection:
            return await self._holder(connection, token)

    async def use(self, token: str, password_hash: str, *, how: str) -> LinkHolder:
        """Give the person the password that they chose by the link, once.

        Raises:
            UnknownLink: there is none, it was used, or it is too old.
        """
        async with self._sessions.writing() as connection:
            holder = await self._holder(connection, token)
            tenant, id = holder.tenant, holder.staff
            this = (
                sign_in_links.c.tenant == tenant,
                sign_in_links.c.token_hash == token_hash(token),
            )
            if not (await connection.execute(delete(sign_in_links).where(*this))).rowcount:
                raise UnknownLink("The link was used just now.")
            by = By(Actor(kind=ActorKind.STAFF, id=id, roles=holder.roles))
            await _set(connection, tenant, id, password_hash, self._clock(), by, how)
        return holder

    async def _holder(self, connection: AsyncConnection, token: str) -> LinkHolder:
        # Without a tenant: the token says which it is.
        query = select(sign_in_links).where(sign_in_links.c.token_hash == token_hash(token))
        row = (await connection.execute(query)).first()
        if row is None or row.expires_at <= self._clock():
            raise UnknownLink("There is no such link, or not any more.")
        people = await staff_of(connection, row.tenant, row.staff)
        if not people[0].active:
            raise UnknownLink("Whom it is for is not active.")
        person = people[0]
        return LinkHolder(row.tenant, person.id, person.name, person.roles, row.expires_at)


async def _set(
    connection: AsyncConnection,
    tenant: str,
    id: str,
    password_hash: str,
    now: datetime,
    by: By,
    how: str,
    keep_session: str | None = None,
) -> None:
    row = {"tenant": tenant, "staff": id, "hash": password_hash, "changed_at": now}
    await connection.execute(upsert(connection, staff_passwords, PASSWORD_COLUMNS).values(row))
    await end_sessions(connection, tenant, id, keep_session)
    links = (sign_in_links.c.tenant == tenant, sign_in_links.c.staff == id)
    await connection.execute(delete(sign_in_links).where(*links))
    await add_event(connection, tenant, now, by, "password.changed", id, {"how": how})


def _theirs(query: Any, table: Any) -> Any:
    return query.where(table.c.tenant == staff.c.tenant, table.c.staff == staff.c.id)
