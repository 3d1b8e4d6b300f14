"""How many there are of what, for the metrics and the board."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, or_, select

from domain.language.entries import MOVES
from domain.mining.flow import Move
from store.cases.records import CaseCount, TaskCount
from store.cases.tables import cases, entries, tasks
from store.db.session import Sessions
from store.outbox.records import Delivery
from store.outbox.tables import outbox


class Counts:
    """Counts, one query each; labels made of them name nobody."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def cases(self, tenant: str) -> list[CaseCount]:
        """Cases by kind, stage and state."""
        by = (cases.c.kind, cases.c.stage, cases.c.state)
        wanted = select(*by, func.count()).where(cases.c.tenant == tenant)
        rows = await self._rows(wanted.group_by(*by).order_by(*by))
        return [CaseCount(*row) for row in rows]

    async def tasks(self, tenant: str) -> list[TaskCount]:
        """Open tasks by kind and stage, held by somebody or not, and how many are on hold."""
        held = tasks.c.assignee.is_not(None).label("held")
        by = (tasks.c.kind, tasks.c.stage, held)
        wanted = select(*by, func.count(), func.count(tasks.c.held_until)).where(
            tasks.c.tenant == tenant, tasks.c.done_at.is_(None)
        )
        rows = await self._rows(wanted.group_by(*by).order_by(*by))
        return [TaskCount(kind, stage, bool(by_one), n, on) for kind, stage, by_one, n, on in rows]

    async def outbox(self, tenant: str) -> dict[Delivery, int]:
        """Messages by how far they are."""
        wanted = select(outbox.c.status, func.count()).where(outbox.c.tenant == tenant)
        rows = await self._rows(wanted.group_by(outbox.c.status))
        return {Delivery(status): n for status, n in rows}

    async def _rows(self, wanted: Select[Any]) -> Sequence[Sequence[Any]]:
        async with self._sessions.reading() as connection:
            rows: Sequence[Sequence[Any]] = (await connection.execute(wanted)).all()
        return rows


PART = 500
"""Cases read at once: a statement stays short, and memory small, however many there are."""

TYPES = sorted(type.value for type in MOVES)


class Flow:
    """Reads entries for statistics."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def here(self, tenant: str, kind: str, version: int) -> dict[str, int]:
        """How many open cases are in each state now."""
        wanted = select(cases.c.state, func.count()).where(
            cases.c.tenant == tenant,
            cases.c.kind == kind,
            cases.c.process_version == version,
            cases.c.closed_at.is_(None),
        )
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(wanted.group_by(cases.c.state))).all()
        return {row.state: row[1] for row in rows}

    async def moves(
        self,
        tenant: str,
        kind: str,
        version: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[list[Move]]:
        """The moves of each case that may have moved in the time between, case by case."""
        after = ""
        while True:
            wanted = _numbers(tenant, kind, version, since, until)
            wanted = wanted.where(cases.c.number > after).order_by(cases.c.number).limit(PART)
            async with self._sessions.reading() as connection:
                numbers = list((await connection.execute(wanted)).scalars())
                rows = (await connection.execute(_moves(tenant, numbers))).all() if numbers else ()
            for _, lines in groupby(rows, key=lambda row: row[0]):
                yield [Move(*line[1:]) for line in lines]
            if len(numbers) < PART:
                return
            after = numbers[-1]


def _numbers(
    tenant: str, kind: str, version: int, since: datetime | None, until: datetime | None
) -> Select[Any]:
    wanted = select(cases.c.number).where(
        cases.c.tenant == tenant, cases.c.kind == kind, cases.c.process_version == version
    )
    if since is not None:
        # What is closed has not moved since: a reopened case is not closed.
        wanted = wanted.where(or_(cases.c.closed_at.is_(None), cases.c.closed_at >= since))
    return wanted if until is None else wanted.where(cases.c.opened_at < until)


def _moves(tenant: str, numbers: Sequence[str]) -> Select[Any]:
    columns = (entries.c.seq, entries.c.step, entries.c.type, entries.c.at, entries.c.led_to)
    return (
        select(entries.c.number, *columns)
        .where(
            entries.c.tenant == tenant,
            entries.c.number.in_(numbers),
            entries.c.type.in_(TYPES),
        )
        .order_by(entries.c.number, entries.c.seq)
    )
