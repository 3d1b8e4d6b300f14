"""Tasks: what waits for whom, and who did what waited."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_

from domain.read_models.projection import TaskView
from store.cases.filters import task_conditions
from store.cases.recorder import FAR
from store.cases.records import Cursor, Page, TaskFilter
from store.cases.tables import tasks
from store.db.corrupt_rows import read_page, sound
from store.db.session import Sessions

KEY = (tasks.c.rank, tasks.c.number, tasks.c.seq)


class Tasks:
    """Reads the task rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, number: str, seq: int) -> TaskView | None:
        """The task that this entry opened, open or done.

        Raises:
            Unreadable: its row was spoilt.
        """
        found = await self._rows(_of(tenant, number).where(tasks.c.seq == seq))
        return found[0] if found else None

    async def of(self, tenant: str, number: str) -> list[TaskView]:
        """All tasks of a case, done ones too, in the order they were opened.

        Raises:
            Unreadable: a row was spoilt.
        """
        return await self._rows(_of(tenant, number))

    async def page(
        self, tenant: str, task_filter: TaskFilter, after: Cursor | None, limit: int
    ) -> Page[TaskView]:
        """Open tasks, what is due soonest first."""
        wanted = select(tasks).where(tasks.c.tenant == tenant, tasks.c.done_at.is_(None))
        wanted = wanted.where(*task_conditions(task_filter)).order_by(*KEY)
        if after is not None:
            rank, number, seq = after
            wanted = wanted.where(tuple_(*KEY) > (datetime.fromisoformat(rank), number, int(seq)))
        async with self._sessions.reading() as connection:
            return await read_page(connection, tasks, wanted, TaskView, limit, _cursor)

    async def _rows(self, wanted: Select[Any]) -> list[TaskView]:
        async with self._sessions.reading() as connection:
            return await sound(connection, tasks, wanted, TaskView)


def _of(tenant: str, number: str) -> Select[Any]:
    wanted = select(tasks).where(tasks.c.tenant == tenant, tasks.c.number == number)
    return wanted.order_by(tasks.c.seq)


def _cursor(task: TaskView) -> Cursor:
    return ((task.due_at or FAR).isoformat(), task.number, str(task.seq))
