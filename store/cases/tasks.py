"""Tasks: what waits for whom, and who did what waited."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, tuple_

from domain.read_models.projection import TaskView
from store.cases.recorder import FAR
from store.cases.records import Cursor, Page, TaskFilter
from store.cases.tables import task_roles, tasks
from store.db.corrupt_rows import read_page, sound
from store.db.session import Sessions

KEY = (tasks.c.rank, tasks.c.number, tasks.c.seq)
EXACT = ("assignee", "kind", "stage", "state", "priority")


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
        self, tenant: str, which: TaskFilter, after: Cursor | None, limit: int
    ) -> Page[TaskView]:
        """Open tasks, what is due soonest first."""
        wanted = select(tasks).where(tasks.c.tenant == tenant, tasks.c.done_at.is_(None))
        wanted = wanted.where(*_conditions(which)).order_by(*KEY)
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


def _conditions(which: TaskFilter) -> list[ColumnElement[bool]]:
    given = ((name, getattr(which, name)) for name in EXACT)
    found = [tasks.c[name] == value for name, value in given if value is not None]
    if which.unassigned:
        found.append(tasks.c.assignee.is_(None))
    if which.due_by is not None:
        found.append(tasks.c.rank <= which.due_by)
    if which.on_hold is not None:
        until = tasks.c.held_until
        found.append(until.is_not(None) if which.on_hold else until.is_(None))
    if which.teams is not None:
        found.append(tasks.c.team.in_(which.teams))
    if which.roles is not None:
        found.append(_offered_to(which.roles))
    return found


def _offered_to(roles: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(
        task_roles.c.tenant == tasks.c.tenant,
        task_roles.c.number == tasks.c.number,
        task_roles.c.seq == tasks.c.seq,
        task_roles.c.role.in_(roles),
    )


def _cursor(task: TaskView) -> Cursor:
    return ((task.due_at or FAR).isoformat(), task.number, str(task.seq))
