"""Staff and teams: who has which roles now. Entries keep the roles of the time they were made.

Every change writes an audit event in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.append import add_event
from store.audit.records import BY_SYSTEM, By
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.request_keys import RequestKey
from store.db.session import Sessions
from store.errors import KeyReused, NobodyLeft, Repeated, Taken, UnknownStaff, UnknownTeam
from store.people.records import OwnerKind, Staff, Team
from store.people.requests import event_id, was_done
from store.people.tables import api_keys, memberships, staff, staff_profiles, teams


class People:
    """Keeps staff, their roles, and their teams."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add_staff(
        self,
        tenant: str,
        id: str,
        name: str,
        roles: Iterable[str],
        team_ids: Sequence[str] = (),
        by: By = BY_SYSTEM,
        request_key: RequestKey | None = None,
    ) -> Staff:
        """Add a person; under a key once.

        Raises:
            Repeated: the request with this key added just them.
            KeyReused: it did something else.
            Taken: the id is in use.
            UnknownTeam
        """
        row = {"tenant": tenant, "id": id, "name": name, "roles": sorted(set(roles))}
        details = {"roles": row["roles"], "teams": sorted(set(team_ids))}
        async with self._sessions.writing() as connection:
            event = _Event(connection, tenant, by, "staff.added", id, details, request_key)
            await event.add_first(staff, name, self._clock())
            await _require_teams(connection, tenant, team_ids)
            try:
                await connection.execute(insert(staff).values(**row, active=True))
            except IntegrityError:
                raise Taken(f"{id} is on the staff already.") from None
            await _join(connection, tenant, id, team_ids)
            return await _get(connection, tenant, id)

    async def get(self, tenant: str, id: str) -> Staff | None:
        """Return the person with this id, active or not."""
        async with self._sessions.reading() as connection:
            people = await staff_of(connection, tenant, id)
        return people[0] if people else None

    async def list(self, tenant: str) -> list[Staff]:
        """Return the whole staff, by id."""
        async with self._sessions.reading() as connection:
            return await staff_of(connection, tenant)

    async def change(
        self,
        tenant: str,
        id: str,
        *,
        active: bool | None = None,
        roles: Iterable[str] | None = None,
        team_ids: Sequence[str] | None = None,
        by: By = BY_SYSTEM,
        keep: str | None = None,
    ) -> Staff:
        """Change whether a person is active, their roles, or their teams; what is None stays.

        The keys of a person who is not active are refused. `keep` is a role that somebody must be
        left with.

        Raises:
            UnknownStaff, UnknownTeam
            NobodyLeft
        """
        fields = {"active": active, "roles": None if roles is None else sorted(set(roles))}
        values = {name: value for name, value in fields.items() if value is not None}
        details: dict[str, Any] = dict(values)
        if team_ids is not None:
            details["teams"] = sorted(set(team_ids))
        async with self._sessions.writing() as connection:
            await lock_staff(connection, tenant, keep)
            await _get(connection, tenant, id)
            if values:
                this = (staff.c.tenant == tenant, staff.c.id == id)
                await connection.execute(update(staff).where(*this).values(values))
            if active is False:
                await _end_duty(connection, tenant, id)
            if team_ids is not None:
                await _require_teams(connection, tenant, team_ids)
                mine = (memberships.c.tenant == tenant, memberships.c.staff == id)
                await connection.execute(delete(memberships).where(*mine))
                await _join(connection, tenant, id, team_ids)
            await refuse_if_nobody_has(connection, tenant, keep, self._clock())
            await add_event(connection, tenant, self._clock(), by, "staff.changed", id, details)
            await add_change(connection, tenant, ChangeName.STAFF, id)
            return await _get(connection, tenant, id)

    async def somebody_has(self, tenant: str, role: str) -> bool:
        """Return whether somebody can act in this role: active, with the role and a key."""
        async with self._sessions.reading() as connection:
            return await _somebody_has(connection, tenant, role, self._clock())

    async def add_team(
        self,
        tenant: str,
        id: str,
        name: str,
        by: By = BY_SYSTEM,
        request_key: RequestKey | None = None,
    ) -> Team:
        """Add a team; under a key once.

        Raises:
            Repeated: the request with this key added just it.
            KeyReused: it did something else.
            Taken: the id is in use.
        """
        async with self._sessions.writing() as connection:
            event = _Event(connection, tenant, by, "team.added", id, {}, request_key)
            await event.add_first(teams, name, self._clock())
            try:
                await connection.execute(insert(teams).values(tenant=tenant, id=id, name=name))
            except IntegrityError:
                raise Taken(f"There is a team {id} already.") from None
        return Team(id, name)

    async def teams(self, tenant: str) -> Sequence[Team]:
        """Return all teams, by id."""
        query = select(teams.c.id, teams.c.name).where(teams.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            return [Team(*row) for row in await connection.execute(query.order_by(teams.c.id))]


@dataclass(frozen=True)
class _Event:
    """What a request adds to the audit log, which tells it from its repetitions and from others."""

    connection: AsyncConnection
    tenant: str
    by: By
    what: str
    subject: str
    details: Mapping[str, Any]
    key: RequestKey | None

    async def add_first(self, table: Table, name: str, at: datetime) -> None:
        """Add the event before what it tells of, so that another request with the key waits.

        Raises:
            Repeated: the request with this key did just this before.
            KeyReused: it did something else.
        """
        await self._refuse_again(table, name)
        id, done = event_id(self.tenant, self.key), (self.what, self.subject, self.details)
        if not await add_event(self.connection, self.tenant, at, self.by, *done, id):
            await self._refuse_again(table, name)

    async def _refuse_again(self, table: Table, name: str) -> None:
        done = (self.by, self.what, self.subject, self.details)
        if not await was_done(self.connection, self.tenant, self.key, *done):
            return
        # Names are personal, so they are not in the log; nobody is given another.
        this = (table.c.tenant == self.tenant, table.c.id == self.subject)
        if await self.connection.scalar(select(table.c.name).where(*this)) != name:
            raise KeyReused("The request's key was used before, with another name.")
        raise Repeated(self.subject)


async def staff_of(connection: AsyncConnection, tenant: str, id: str | None = None) -> list[Staff]:
    """Return the whole staff, or the person with this id, with their teams."""
    people = select(staff).where(staff.c.tenant == tenant).order_by(staff.c.id)
    joined = select(memberships.c.staff, memberships.c.team).where(memberships.c.tenant == tenant)
    if id is not None:
        people, joined = people.where(staff.c.id == id), joined.where(memberships.c.staff == id)
    rows = (await connection.execute(people)).all()
    in_teams: dict[str, list[str]] = {}
    for person, team in await connection.execute(joined.order_by(memberships.c.team)):
        in_teams.setdefault(person, []).append(team)
    return [
        Staff(row.id, row.name, tuple(row.roles), row.active, tuple(in_teams.get(row.id, ())))
        for row in rows
    ]


async def lock_staff(connection: AsyncConnection, tenant: str, keep: str | None) -> None:
    """Let no other transaction change who has which role, if somebody must keep one."""
    if keep is not None:
        rows = select(staff.c.id).where(staff.c.tenant == tenant).order_by(staff.c.id)
        await connection.execute(rows.with_for_update())


async def refuse_if_nobody_has(
    connection: AsyncConnection, tenant: str, role: str | None, now: datetime
) -> None:
    """Refuse a change after which nobody can act in this role.

    Raises:
        NobodyLeft
    """
    if role is not None and not await _somebody_has(connection, tenant, role, now):
        raise NobodyLeft(f"Nobody would be left with the role {role} and a key.")


async def _somebody_has(connection: AsyncConnection, tenant: str, role: str, now: datetime) -> bool:
    is_valid = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
    keys = select(api_keys.c.owner).where(
        api_keys.c.tenant == tenant,
        api_keys.c.owner_kind == OwnerKind.STAFF.value,
        api_keys.c.revoked_at.is_(None),
        is_valid,
    )
    owners = set(await connection.scalars(keys))
    people = await staff_of(connection, tenant)
    return any(each.active and role in each.roles and each.id in owners for each in people)


async def _get(connection: AsyncConnection, tenant: str, id: str) -> Staff:
    people = await staff_of(connection, tenant, id)
    if not people:
        raise UnknownStaff(f"Nobody on the staff is {id}.")
    return people[0]


async def _end_duty(connection: AsyncConnection, tenant: str, id: str) -> None:
    """Take somebody who leaves off duty; what they can do stays known."""
    this = (staff_profiles.c.tenant == tenant, staff_profiles.c.staff == id)
    await connection.execute(update(staff_profiles).where(*this).values(on_duty=False))


async def _require_teams(connection: AsyncConnection, tenant: str, ids: Sequence[str]) -> None:
    query = select(teams.c.id).where(teams.c.tenant == tenant, teams.c.id.in_(ids))
    missing = set(ids) - set((await connection.execute(query)).scalars())
    if missing:
        raise UnknownTeam(f"There is no team {', '.join(sorted(missing))}.")


async def _join(connection: AsyncConnection, tenant: str, id: str, ids: Sequence[str]) -> None:
    rows = [{"tenant": tenant, "team": team, "staff": id} for team in sorted(set(ids))]
    if rows:
        await connection.execute(insert(memberships), rows)
