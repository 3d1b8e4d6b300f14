"""Sessions of staff in browsers: opened, found by their token, ended."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import CredentialChanged, StoreDown
from store.people.tables import memberships, staff
from store.sign_in.records import Session, SessionHolder, SessionLimits, new_token, token_hash
from store.sign_in.tables import staff_passwords, staff_sessions

SEEN_EVERY: Final = timedelta(minutes=1)
"""How often it is written down, at most, that a session is in use."""


class StaffSessions:
    """Opens, finds and ends the sessions of staff; a session that ended has no row."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def open(
        self,
        tenant: str,
        id: str,
        *,
        method: str,
        device: str,
        limits: SessionLimits,
        replaces: str | None = None,
        password_hash: str | None = None,
    ) -> str:
        """Open a session for a person; return its token, which is not kept.

        Args:
            tenant: whose.
            id: the person's.
            method: how they signed in.
            device: roughly in which browser.
            limits: how long it lasts.
            replaces: the token of the session of this browser so far, which ends.
            password_hash: the password that was given, if there was one; it must still be theirs.

        Raises:
            CredentialChanged: the password was changed meanwhile.
        """
        token, now = new_token(), self._clock()
        row = {
            "tenant": tenant, "id": secrets.token_hex(6), "staff": id,
            "token_hash": token_hash(token), "method": method, "device": device,
            "created_at": now, "last_seen": now, "expires_at": now + limits.lifetime,
        }  # fmt: skip
        over = _over(tenant, now, limits.idle)
        if replaces is not None:
            replaced = and_(_of(tenant), staff_sessions.c.token_hash == token_hash(replaces))
            over = or_(over, replaced)
        async with self._sessions.writing() as connection:
            if password_hash is not None:
                await _require_password(connection, tenant, id, password_hash)
            await connection.execute(insert(staff_sessions).values(row))
            await connection.execute(delete(staff_sessions).where(_of(tenant), over))
        return token

    async def find(
        self, token: str, limits: SessionLimits, *, in_use: bool = True
    ) -> SessionHolder | None:
        """Return whose session this is; None if it is over, or its owner is not active.

        With `in_use` the session counts as used by the person now.
        """
        holder, now = (await self.find_all([token], limits)).get(token), self._clock()
        if holder and in_use and now - holder.session.last_seen >= SEEN_EVERY:
            # Whoever may read may go on, although it cannot be written that they do.
            with suppress(StoreDown):
                await self._note_use(holder, now)
        return holder

    async def find_all(
        self, tokens: Collection[str], limits: SessionLimits
    ) -> Mapping[str, SessionHolder]:
        """Return whose sessions these are, by token; those that are over are left out."""
        by_hash = {token_hash(token): token for token in tokens}
        # Without a tenant: the token says which it is.
        query = (
            select(staff_sessions, staff.c.name, staff.c.roles, staff.c.active, memberships.c.team)
            .join(staff, and_(*_same(staff, staff.c.id)))
            .outerjoin(memberships, and_(*_same(memberships, memberships.c.staff)))
            .where(staff_sessions.c.token_hash.in_(by_hash))
            .order_by(memberships.c.team)
        )
        rows: dict[str, list[Row[Any]]] = {}
        async with self._sessions.reading() as connection:
            for row in await connection.execute(query):
                rows.setdefault(by_hash[row.token_hash], []).append(row)
        now = self._clock()
        return {
            token: _holder(each)
            for token, each in rows.items()
            if each[0].active and not _is_over(each[0], now, limits.idle)
        }

    async def of(self, tenant: str, id: str, limits: SessionLimits) -> list[Session]:
        """Return a person's sessions, the one used last first."""
        is_over = _over(tenant, self._clock(), limits.idle)
        query = select(staff_sessions).where(_of(tenant), staff_sessions.c.staff == id, ~is_over)
        query = query.order_by(staff_sessions.c.last_seen.desc(), staff_sessions.c.id)
        async with self._sessions.reading() as connection:
            return [_session(row) for row in await connection.execute(query)]

    async def end(self, tenant: str, id: str, session: str) -> bool:
        """End one session of a person; return whether there was such a one."""
        return bool(await self._delete(tenant, id, staff_sessions.c.id == session))

    async def end_all(self, tenant: str, id: str, *, but: str | None = None) -> int:
        """End all sessions of a person, or all but one; return how many there were."""
        return await self._delete(tenant, id, staff_sessions.c.id != (but or ""))

    async def _delete(self, tenant: str, id: str, which: ColumnElement[bool]) -> int:
        theirs = (_of(tenant), staff_sessions.c.staff == id, which)
        async with self._sessions.writing() as connection:
            count = (await connection.execute(delete(staff_sessions).where(*theirs))).rowcount
            if count:
                await add_change(connection, tenant, ChangeName.STAFF, id)
            return count

    async def _note_use(self, holder: SessionHolder, now: datetime) -> None:
        this = (_of(holder.tenant), staff_sessions.c.id == holder.session.id)
        # Of many requests at once one writes.
        earlier = staff_sessions.c.last_seen <= now - SEEN_EVERY
        async with self._sessions.writing() as connection:
            in_use = update(staff_sessions).where(*this, earlier).values(last_seen=now)
            await connection.execute(in_use)


async def end_sessions(
    connection: AsyncConnection, tenant: str, id: str, but: str | None = None
) -> None:
    """End a person's sessions, but one, as part of the transaction of what ends them."""
    theirs = (_of(tenant), staff_sessions.c.staff == id, staff_sessions.c.id != (but or ""))
    await connection.execute(delete(staff_sessions).where(*theirs))
    await add_change(connection, tenant, ChangeName.STAFF, id)


async def _require_password(
    connection: AsyncConnection, tenant: str, id: str, password_hash: str
) -> None:
    """Check the password once more, so that a change that ends all sessions ends this one too.

    Raises:
        CredentialChanged
    """
    this = (staff_passwords.c.tenant == tenant, staff_passwords.c.staff == id)
    query = select(staff_passwords.c.hash).where(*this).with_for_update(read=True)
    if await connection.scalar(query) != password_hash:
        raise CredentialChanged(f"The password of {id} was changed meanwhile.")


def _of(tenant: str) -> ColumnElement[bool]:
    return staff_sessions.c.tenant == tenant


def _over(tenant: str, now: datetime, idle: timedelta) -> ColumnElement[bool]:
    is_over = or_(staff_sessions.c.expires_at <= now, staff_sessions.c.last_seen <= now - idle)
    return and_(_of(tenant), is_over)


def _is_over(row: Row[Any], now: datetime, idle: timedelta) -> bool:
    return bool(row.expires_at <= now or row.last_seen <= now - idle)


def _same(table: Any, person: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    return table.c.tenant == staff_sessions.c.tenant, person == staff_sessions.c.staff


def _session(row: Row[Any]) -> Session:
    return Session(
        row.id, row.staff, row.method, row.device, row.created_at, row.last_seen, row.expires_at
    )


def _holder(rows: Sequence[Row[Any]]) -> SessionHolder:
    """Return the holder from rows that differ by the team."""
    first = rows[0]
    teams = tuple(row.team for row in rows if row.team is not None)
    return SessionHolder(first.tenant, _session(first), first.name, tuple(first.roles), teams)
