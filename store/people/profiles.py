"""What people can do, how much at a time, and whether they are here: cases are given by that."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.assignment import Skill
from store.audit.append import add_event
from store.audit.records import BY_SYSTEM, By
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import UnknownStaff
from store.people.people import staff_of
from store.people.records import Profile
from store.people.tables import staff_profiles


class Profiles:
    """Keeps a profile for each of the staff; whoever has none can have no case by rule."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def get(self, tenant: str, staff: str) -> Profile:
        """Return somebody's profile."""
        async with self._sessions.reading() as connection:
            return await _profile(connection, tenant, staff)

    async def list(self, tenant: str) -> list[Profile]:
        """Return all profiles, by the ids of the staff."""
        async with self._sessions.reading() as connection:
            return await profiles_of(connection, tenant)

    async def change(
        self,
        tenant: str,
        staff: str,
        *,
        skills: Sequence[Skill] | None = None,
        capacity: int | None = None,
        on_duty: bool | None = None,
        by: By = BY_SYSTEM,
    ) -> tuple[Profile, bool]:
        """Change a profile; what is None stays. Return it, and whether it is another one now.

        Raises:
            UnknownStaff: nobody active has this id.
        """
        async with self._sessions.writing() as connection:
            people = await staff_of(connection, tenant, staff)
            if not people or not people[0].active:
                raise UnknownStaff(f"Nobody on the staff is {staff}.")
            before = await _profile(connection, tenant, staff)
            after = Profile(
                staff,
                before.skills if skills is None else tuple(skills),
                before.capacity if capacity is None else capacity,
                before.on_duty if on_duty is None else on_duty,
                before.since,
            )
            if after != before:
                now = self._clock()
                since = now if after.on_duty != before.on_duty else before.since
                after = Profile(staff, after.skills, after.capacity, after.on_duty, since)
                await _write(connection, tenant, after)
                await add_event(connection, tenant, now, by, "staff.changed", staff, _row(after))
                await add_change(connection, tenant, ChangeName.STAFF, staff)
        return after, after != before


async def profiles_of(
    connection: AsyncConnection, tenant: str, staff: str | None = None
) -> list[Profile]:
    """Return all profiles, or the one of this person, by the ids of the staff."""
    query = select(staff_profiles).where(staff_profiles.c.tenant == tenant)
    if staff is not None:
        query = query.where(staff_profiles.c.staff == staff)
    rows = await connection.execute(query.order_by(staff_profiles.c.staff))
    return [
        Profile(
            row.staff,
            tuple(Skill.model_validate(each) for each in row.skills),
            row.capacity,
            row.on_duty,
            row.since,
        )
        for row in rows
    ]


async def _profile(connection: AsyncConnection, tenant: str, staff: str) -> Profile:
    found = await profiles_of(connection, tenant, staff)
    return found[0] if found else Profile(staff)


async def _write(connection: AsyncConnection, tenant: str, profile: Profile) -> None:
    this = (staff_profiles.c.tenant == tenant, staff_profiles.c.staff == profile.staff)
    await connection.execute(delete(staff_profiles).where(*this))
    row = {"tenant": tenant, "staff": profile.staff, "since": profile.since, **_row(profile)}
    await connection.execute(insert(staff_profiles).values(row))


def _row(profile: Profile) -> dict[str, Any]:
    skills = [each.model_dump(mode="json", exclude_defaults=True) for each in profile.skills]
    return {"skills": skills, "capacity": profile.capacity, "on_duty": profile.on_duty}
