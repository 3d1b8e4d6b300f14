"""How many there are of what, for the metrics and the board."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from store.records import CaseCount, Delivery, TaskCount
from store.session import Sessions
from store.tables.projection import cases, tasks
from store.tables.talk import outbox


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
