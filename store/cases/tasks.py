"""The tasks of cases: what waits for whom, and who did it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true, tuple_

from domain.read_models.projection import TaskView
from store.cases.filters import task_conditions, within_reach, worked_by
from store.cases.records import Reach, TaskFilter
from store.cases.tables import rank_of, tasks
from store.db.corrupt_rows import read_page, read_rows
from store.db.pages import Cursor, Page
from store.db.session import Sessions

SORT_KEY = (tasks.c.rank, tasks.c.number, tasks.c.seq)


class Tasks:
    """Reads the task rows; `Recorder` writes them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get(self, tenant: str, number: str, seq: int) -> TaskView | None:
        """Return the task that this entry opened, whether open or done.

        Raises:
            CorruptRow
        """
        rows = await self._rows(_of_case(tenant, number).where(tasks.c.seq == seq))
        return rows[0] if rows else None

    async def of(self, tenant: str, number: str) -> list[TaskView]:
        """Return all tasks of a case, done ones too, in the order in which they were opened.

        Raises:
            CorruptRow
        """
        return await self._rows(_of_case(tenant, number))

    async def worked_on(self, tenant: str, number: str, person: str) -> bool:
        """Say whether a person did a task at what the case is about."""
        query = _of_case(tenant, number).where(worked_by(person)).limit(1)
        async with self._sessions.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def worked_on_of(
        self, tenant: str, numbers: Collection[str], person: str
    ) -> frozenset[str]:
        """Return at which of these cases a person did a task at what the case is about."""
        if not numbers:
            return frozenset()
        theirs = (tasks.c.tenant == tenant, tasks.c.number.in_(sorted(numbers)), worked_by(person))
        async with self._sessions.reading() as connection:
            found = await connection.scalars(select(tasks.c.number).distinct().where(*theirs))
            return frozenset(found)

    async def page(
        self,
        tenant: str,
        task_filter: TaskFilter,
        after: Cursor | None,
        limit: int,
        reach: Reach | None = None,
    ) -> Page[TaskView]:
        """Return open tasks, those first whose rank is soonest."""
        query = select(tasks).where(tasks.c.tenant == tenant, tasks.c.done_at.is_(None))
        query = query.where(*task_conditions(task_filter), _within_reach(reach)).order_by(*SORT_KEY)
        if after is not None:
            rank, number, seq = after
            position = (datetime.fromisoformat(rank), number, int(seq))
            query = query.where(tuple_(*SORT_KEY) > position)
        async with self._sessions.reading() as connection:
            return await read_page(connection, tasks, query, TaskView, limit, _cursor)

    async def _rows(self, query: Select[Any]) -> list[TaskView]:
        async with self._sessions.reading() as connection:
            return await read_rows(connection, tasks, query, TaskView)


def _within_reach(reach: Reach | None) -> ColumnElement[bool]:
    """Return that a reader sees a task; requests to others are for those who see all cases."""
    if reach is None:
        return true()
    return and_(within_reach(tasks, reach), tasks.c.request.is_(None))


def _of_case(tenant: str, number: str) -> Select[Any]:
    query = select(tasks).where(tasks.c.tenant == tenant, tasks.c.number == number)
    return query.order_by(tasks.c.seq)


def _cursor(task: TaskView) -> Cursor:
    return (rank_of(task.due_at, task.head_start).isoformat(), task.number, str(task.seq))
