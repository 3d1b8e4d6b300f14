"""Cases that wait to be assigned by rule, who could have them, and what was decided.

A decision is written in a transaction that counts again what the person has: of several workers
that decide at once none gives anybody more than they can carry, and none gives a case out twice.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.assignment import Agent
from store.assignments.records import Assignment, AssignmentStatus, TeamsByPolicy, WaitingRow
from store.assignments.tables import assignments
from store.cases.tables import OURS, cases, tasks
from store.db.clock import Clock
from store.db.pages import Cursor
from store.db.session import Sessions
from store.db.sql import insert
from store.people.people import staff_of
from store.people.profiles import profiles_of
from store.people.tables import staff, staff_profiles

TRY_AGAIN_AFTER: Final = timedelta(minutes=1)
"""How long a case that refused somebody waits before it is decided on as it stands."""


class Assignments:
    """Keeps what was decided; what is decided on is read from the rows of cases and people."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def tenants(self) -> list[str]:
        """Return the tenants where somebody is on duty, or a decision waits to be told."""
        on_duty = select(staff_profiles.c.tenant).distinct().where(staff_profiles.c.on_duty)
        pending = select(assignments.c.tenant).distinct().where(_is_pending())
        async with self._sessions.reading() as connection:
            return sorted({*await connection.scalars(on_duty), *await connection.scalars(pending)})

    async def agents(self, tenant: str) -> list[Agent]:
        """Return those on duty, with what they have now."""
        async with self._sessions.reading() as connection:
            profiles = [each for each in await profiles_of(connection, tenant) if each.on_duty]
            ids = [each.staff for each in profiles]
            people = {each.id: each for each in await staff_of(connection, tenant) if each.active}
            loads = await _loads(connection, tenant, ids)
            newest = func.max(assignments.c.decided_at)
            query = select(assignments.c.person, newest).where(
                assignments.c.tenant == tenant, assignments.c.person.in_(ids)
            )
            last = dict(_pairs(await connection.execute(query.group_by(assignments.c.person))))
        return [
            Agent(
                each.staff,
                frozenset(people[each.staff].roles),
                frozenset(people[each.staff].teams),
                each.skills,
                each.capacity,
                loads.get(each.staff, 0),
                assigned_at=last.get(each.staff),
            )
            for each in profiles
            if each.staff in people
        ]

    async def waiting(
        self, tenant: str, teams: TeamsByPolicy, after: Cursor | None, limit: int
    ) -> list[WaitingRow]:
        """Return cases that nobody has and that are to be assigned by rule, in their order."""
        if not teams:
            return []
        key = tuple_(cases.c.rank, cases.c.number)
        query = _waiting(tenant, teams, self._clock() - TRY_AGAIN_AFTER)
        if after is not None:
            query = query.where(key > (datetime.fromisoformat(after[0]), after[1]))
        query = query.order_by(cases.c.rank, cases.c.number).limit(limit)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
            open_tasks = await _open_tasks(connection, tenant, [row["number"] for row in rows])
        return [
            WaitingRow(**row, task=seq, candidates=candidates)
            for row in rows
            for seq, candidates in open_tasks.get(row["number"], ())
        ]

    async def decide(self, assignment: Assignment) -> bool:
        """Write a decision down; return False if it no longer holds.

        That is so if the person is not on duty any more or has no room, or if somebody else decided
        on the case as it stands.
        """
        tenant, person = assignment.tenant, assignment.person
        row = asdict(assignment) | {"status": assignment.status.value}
        async with self._sessions.writing() as connection:
            room = await _room(connection, tenant, person)
            if room <= 0:
                return False
            writing = insert(connection, assignments).values(row)
            is_newer = or_(
                assignments.c.etag < writing.excluded.etag,
                and_(
                    assignments.c.etag == writing.excluded.etag,
                    assignments.c.attempt < writing.excluded.attempt,
                    assignments.c.status == AssignmentStatus.REFUSED.value,
                ),
            )
            values = {name: writing.excluded[name] for name in row if name not in KEY}
            written = writing.on_conflict_do_update(
                index_elements=assignments.primary_key, set_=values, where=is_newer
            )
            returning = written.returning(assignments.c.number)
            return await connection.scalar(returning) is not None

    async def pending(self, tenant: str, before: datetime) -> list[Assignment]:
        """Return the decisions from before a moment of which nobody knows that the case took them.

        Whoever decided them may have died.
        """
        query = select(assignments).where(
            assignments.c.tenant == tenant, assignments.c.decided_at <= before, _is_pending()
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query.order_by(assignments.c.decided_at))
            return [_assignment(row) for row in rows.mappings()]

    async def settle(self, assignment: Assignment, code: str | None = None) -> None:
        """Note that the case took a decision, or why it refused it."""
        status = AssignmentStatus.REFUSED if code else AssignmentStatus.DONE
        which = (
            assignments.c.tenant == assignment.tenant,
            assignments.c.number == assignment.number,
            assignments.c.etag == assignment.etag,
            assignments.c.attempt == assignment.attempt,
        )
        values = {"status": status.value, "code": code}
        async with self._sessions.writing() as connection:
            await connection.execute(update(assignments).where(*which).values(values))

    async def earlier_agent(self, tenant: str, customer: str, since: datetime) -> str | None:
        """Return who has or had the customer's newest case that anybody had."""
        query = select(cases.c.assignee).where(
            cases.c.tenant == tenant,
            cases.c.customer == customer,
            cases.c.received_at >= since,
            cases.c.assignee.is_not(None),
        )
        query = query.order_by(cases.c.received_at.desc(), cases.c.number.desc()).limit(1)
        async with self._sessions.reading() as connection:
            return await connection.scalar(query)

    async def prune(self, before: datetime) -> int:
        """Delete what was settled before, whosever it is; return how many."""
        old = delete(assignments).where(assignments.c.decided_at < before, ~_is_pending())
        async with self._sessions.writing() as connection:
            return (await connection.execute(old)).rowcount


KEY: Final = frozenset({"tenant", "number"})
OF_CASES: Final = (
    *("number", "kind", "category", "team", "customer"),
    *("policy_version", "etag", "last_seq", "rank"),
)


def _waiting(tenant: str, teams: TeamsByPolicy, refused_before: datetime) -> Select[Any]:
    decided = (
        assignments.c.tenant == tenant,
        assignments.c.number == cases.c.number,
        assignments.c.etag == cases.c.etag,
    )
    holds = or_(
        assignments.c.status != AssignmentStatus.REFUSED.value,
        assignments.c.decided_at > refused_before,
    )
    by_rule = (
        and_(cases.c.policy_version == version, cases.c.team.in_(sorted(names)))
        for version, names in sorted(teams.items())
    )
    attempts = select(assignments.c.attempt).where(*decided).scalar_subquery()
    columns = (cases.c[name] for name in OF_CASES)
    query = select(*columns, func.coalesce(attempts, 0).label("attempts"))
    return query.where(
        cases.c.tenant == tenant,
        cases.c.closed_at.is_(None),
        cases.c.assignee.is_(None),
        cases.c.waits_on == literal_column(OURS),
        cases.c.held_until.is_(None),
        or_(*by_rule),
        ~exists().where(*decided, holds),
    )


async def _open_tasks(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    """Return the case's own open task of each of these, of which there is at most one."""
    columns = (tasks.c[name] for name in ("number", "seq", "candidates", "done_at", "request"))
    query = select(*columns).where(tasks.c.tenant == tenant, tasks.c.number.in_(numbers))
    rows = await connection.execute(query)
    # Which are open is looked at here: SQLite, asked for those, would read all that are open.
    own = (row for row in rows if row.done_at is None and row.request is None)
    return {row.number: [(row.seq, tuple(row.candidates))] for row in own}


async def _room(connection: AsyncConnection, tenant: str, person: str) -> int:
    """Return how many cases more somebody can have, and let nobody else give them one meanwhile."""
    locked = select(staff_profiles.c.capacity).where(
        staff_profiles.c.tenant == tenant,
        staff_profiles.c.staff == person,
        staff_profiles.c.on_duty,
    )
    capacity = await connection.scalar(locked.with_for_update())
    active = select(staff.c.active).where(staff.c.tenant == tenant, staff.c.id == person)
    if capacity is None or not await connection.scalar(active):
        return 0
    loads = await _loads(connection, tenant, [person])
    return int(capacity) - loads.get(person, 0)


async def _loads(connection: AsyncConnection, tenant: str, people: Sequence[str]) -> dict[str, int]:
    """Return how many cases wait for each of these people; what was just decided counts."""
    held = select(cases.c.assignee, func.count()).where(
        cases.c.tenant == tenant,
        cases.c.closed_at.is_(None),
        cases.c.kind.is_not(None),
        cases.c.waits_on == literal_column(OURS),
        cases.c.held_until.is_(None),
        cases.c.assignee.in_(people),
    )
    decided = select(assignments.c.person, func.count()).where(
        assignments.c.tenant == tenant,
        assignments.c.person.in_(people),
        assignments.c.status != AssignmentStatus.REFUSED.value,
        cases.c.tenant == tenant,
        cases.c.number == assignments.c.number,
        cases.c.assignee.is_(None),
        cases.c.etag == assignments.c.etag,
    )
    loads: dict[str, int] = {}
    for query in (held.group_by(cases.c.assignee), decided.group_by(assignments.c.person)):
        for person, count in _pairs(await connection.execute(query)):
            loads[person] = loads.get(person, 0) + count
    return loads


def _pairs(rows: Any) -> list[tuple[str, Any]]:
    return [(row[0], row[1]) for row in rows]


def _is_pending() -> ColumnElement[bool]:
    return assignments.c.status == literal_column("'pending'")


def _assignment(row: Any) -> Assignment:
    return Assignment(**{**row, "status": AssignmentStatus(row["status"])})
