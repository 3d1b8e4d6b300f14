"""Staff and teams: who may do what today. Histories keep the roles of the day it was done.

Every change is an act in the ledger too, written in the same transaction.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.append import note
from store.audit.records import BY_ITSELF, By
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import Taken, UnknownStaff, UnknownTeam
from store.people.records import Staff, Team
from store.people.tables import memberships, staff, teams


class People:
    """Keeps staff, their roles, and the teams they are in."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add_staff(
        self,
        tenant: str,
        id: str,
        name: str,
        roles: Iterable[str],
        team_ids: Sequence[str] = (),
        by: By = BY_ITSELF,
    ) -> Staff:
        """Somebody new.

        Raises:
            Taken: the id is another's.
            UnknownTeam
        """
        row = {"tenant": tenant, "id": id, "name": name, "roles": sorted(set(roles))}
        async with self._sessions.writing() as connection:
            await _must_be_teams(connection, tenant, team_ids)
            try:
                await connection.execute(insert(staff).values(**row, active=True))
            except IntegrityError:
                raise Taken(f"{id} is on the staff already.") from None
            await _join(connection, tenant, id, team_ids)
            given = {"roles": row["roles"], "teams": sorted(set(team_ids))}
            await note(connection, tenant, self._clock(), by, "staff.added", id, given)
            return await _one(connection, tenant, id)

    async def get(self, tenant: str, id: str) -> Staff | None:
        """The person with this id, active or not."""
        async with self._sessions.reading() as connection:
            found = await staff_of(connection, tenant, id)
        return found[0] if found else None

    async def list(self, tenant: str) -> list[Staff]:
        """Everybody, by id."""
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
        by: By = BY_ITSELF,
    ) -> Staff:
        """Let somebody in or out, give them other roles or teams; what is None stays.

        The keys of whoever is out open nothing.

        Raises:
            UnknownStaff, UnknownTeam
        """
        given = {"active": active, "roles": None if roles is None else sorted(set(roles))}
        values = {name: value for name, value in given.items() if value is not None}
        told: dict[str, Any] = (
            values if team_ids is None else {**values, "teams": sorted(set(team_ids))}
        )
        async with self._sessions.writing() as connection:
            await _one(connection, tenant, id)
            if values:
                this = (staff.c.tenant == tenant, staff.c.id == id)
                await connection.execute(update(staff).where(*this).values(values))
            if team_ids is not None:
                await _must_be_teams(connection, tenant, team_ids)
                mine = (memberships.c.tenant == tenant, memberships.c.staff == id)
                await connection.execute(delete(memberships).where(*mine))
                await _join(connection, tenant, id, team_ids)
            await note(connection, tenant, self._clock(), by, "staff.changed", id, told)
            return await _one(connection, tenant, id)

    async def add_team(self, tenant: str, id: str, name: str, by: By = BY_ITSELF) -> Team:
        """A new team.

        Raises:
            Taken: the id is another's.
        """
        async with self._sessions.writing() as connection:
            try:
                await connection.execute(insert(teams).values(tenant=tenant, id=id, name=name))
            except IntegrityError:
                raise Taken(f"There is a team {id} already.") from None
            await note(connection, tenant, self._clock(), by, "team.added", id, {})
        return Team(id, name)

    async def teams(self, tenant: str) -> Sequence[Team]:
        """All teams, by id."""
        wanted = select(teams.c.id, teams.c.name).where(teams.c.tenant == tenant)
        async with self._sessions.reading() as connection:
            return [Team(*row) for row in await connection.execute(wanted.order_by(teams.c.id))]


async def staff_of(connection: AsyncConnection, tenant: str, id: str | None = None) -> list[Staff]:
    """Everybody, or the one with this id, with their teams."""
    people = select(staff).where(staff.c.tenant == tenant).order_by(staff.c.id)
    joined = select(memberships.c.staff, memberships.c.team).where(memberships.c.tenant == tenant)
    if id is not None:
        people, joined = people.where(staff.c.id == id), joined.where(memberships.c.staff == id)
    rows = (await connection.execute(people)).all()
    in_teams: dict[str, list[str]] = {}
    for who, team in await connection.execute(joined.order_by(memberships.c.team)):
        in_teams.setdefault(who, []).append(team)
    return [
        Staff(row.id, row.name, tuple(row.roles), row.active, tuple(in_teams.get(row.id, ())))
        for row in rows
    ]


async def _one(connection: AsyncConnection, tenant: str, id: str) -> Staff:
    found = await staff_of(connection, tenant, id)
    if not found:
        raise UnknownStaff(f"Nobody on the staff is {id}.")
    return found[0]


async def _must_be_teams(connection: AsyncConnection, tenant: str, ids: Sequence[str]) -> None:
    wanted = select(teams.c.id).where(teams.c.tenant == tenant, teams.c.id.in_(ids))
    missing = set(ids) - set((await connection.execute(wanted)).scalars())
    if missing:
        raise UnknownTeam(f"There is no team {', '.join(sorted(missing))}.")


async def _join(connection: AsyncConnection, tenant: str, id: str, ids: Sequence[str]) -> None:
    rows = [{"tenant": tenant, "team": team, "staff": id} for team in sorted(set(ids))]
    if rows:
        await connection.execute(insert(memberships), rows)
