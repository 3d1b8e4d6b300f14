"""How many cases, tasks and clocks there are, for the metrics, the board and the flow net."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from store.cases.records import CaseCount, ClockCount, TaskCount
from store.cases.tables import cases, clocks, tasks
from store.db.session import Sessions


class Counts:
    """One query per count; no label made from a count names a person."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def cases(self, tenant: str) -> list[CaseCount]:
        """Count cases by kind, stage and state."""
        by = (cases.c.kind, cases.c.stage, cases.c.state)
        query = select(*by, func.count()).where(cases.c.tenant == tenant)
        return [CaseCount(*row) for row in await self._rows(query.group_by(*by).order_by(*by))]

    async def open_by_state(self, tenant: str, kind: str, version: int) -> dict[str, int]:
        """Count the open cases of one version of a process, by state."""
        query = select(cases.c.state, func.count()).where(
            cases.c.tenant == tenant,
            cases.c.kind == kind,
            cases.c.process_version == version,
            cases.c.closed_at.is_(None),
        )
        return {row[0]: row[1] for row in await self._rows(query.group_by(cases.c.state))}

    async def tasks(self, tenant: str) -> list[TaskCount]:
        """Count open tasks by kind, stage and whether they are claimed, with those on hold."""
        by = (tasks.c.kind, tasks.c.stage, tasks.c.assignee.is_not(None).label("claimed"))
        query = select(*by, func.count(), func.count(tasks.c.held_until)).where(
            tasks.c.tenant == tenant, tasks.c.done_at.is_(None), tasks.c.request.is_(None)
        )
        rows = await self._rows(query.group_by(*by).order_by(*by))
        return [
            TaskCount(kind, stage, bool(claimed), n, on_hold)
            for kind, stage, claimed, n, on_hold in rows
        ]

    async def clocks(self, tenant: str) -> list[ClockCount]:
        """Count clocks by name and state."""
        by = (clocks.c.clock, clocks.c.state)
        query = select(*by, func.count()).where(clocks.c.tenant == tenant)
        return [ClockCount(*row) for row in await self._rows(query.group_by(*by).order_by(*by))]

    async def _rows(self, query: Select[Any]) -> Sequence[Sequence[Any]]:
        async with self._sessions.reading() as connection:
            rows: Sequence[Sequence[Any]] = (await connection.execute(query)).all()
        return rows
