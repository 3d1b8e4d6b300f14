"""Recording: what is new of a case becomes rows, in one transaction, once."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.entries import Entry
from domain.read_models.projection import (
    CaseView,
    ClockView,
    NoticeView,
    ProjectionUpdate,
    TaskView,
)
from store.audit.append import put_entries
from store.cases.tables import cases, clocks, entries, task_roles, tasks
from store.db.session import Sessions
from store.db.sql import anew, if_newer, insert
from store.outbox.records import Delivery
from store.outbox.tables import outbox

FAR = datetime(9999, 12, 31, tzinfo=UTC)
"""The rank of a task that is never due."""

OF_CASE, OF_CLOCK = tuple(CaseView.model_fields), tuple(ClockView.model_fields)
OF_TASK = (*TaskView.model_fields, "rank")
GONE = delete(task_roles).where(
    *(task_roles.c[name] == bindparam(f"of_{name}") for name in ("tenant", "number", "seq"))
)


class Recorder:
    """Writes the projection. A batch that comes twice, or too late, takes nothing back."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def write(self, batch: ProjectionUpdate) -> None:
        """Write all of it or nothing.

        Raises:
            StoreDown
        """
        async with self._sessions.writing() as connection:
            # The case's row comes first: two batches of one case wait for each other there.
            newest = await _case(connection, batch.case)
            await _entries(connection, batch.case, batch.entries)
            for task in batch.tasks:
                await _task(connection, task)
            if newest:
                await _clocks(connection, batch.clocks)
            await _notices(connection, batch.notices)


async def _case(connection: AsyncConnection, case: CaseView) -> bool:
    """Write the row, if it is newer than the one that is there, and say whether it was."""
    statement = if_newer(connection, cases, OF_CASE, by="last_seq")
    return await connection.scalar(statement, case.model_dump()) is not None


async def _clocks(connection: AsyncConnection, turned: Iterable[ClockView]) -> None:
    if rows := [clock.model_dump() for clock in turned]:
        await connection.execute(anew(connection, clocks, OF_CLOCK), rows)


async def _entries(connection: AsyncConnection, case: CaseView, news: Sequence[Entry]) -> None:
    rows = [{"tenant": case.tenant, "number": case.number, **entry_row(entry)} for entry in news]
    if rows:
        row = insert(connection, entries).on_conflict_do_nothing().returning(entries.c.seq)
        written = set((await connection.execute(row, rows)).scalars())
        fresh = [entry for entry in news if entry.seq in written]
        await put_entries(connection, case.tenant, case.number, fresh)


def entry_row(entry: Entry) -> dict[str, object]:
    """The row of an entry, without its case."""
    as_json = entry.model_dump(mode="json", include={"actor", "cause", "form"})
    return {**dict(entry), **as_json}


async def _task(connection: AsyncConnection, task: TaskView) -> None:
    statement = if_newer(connection, tasks, OF_TASK, by="version")
    row = {**task.model_dump(), "rank": task.due_at or FAR}
    if await connection.scalar(statement, row) is not None:
        await _roles(connection, task)


async def _roles(connection: AsyncConnection, task: TaskView) -> None:
    key = {"tenant": task.tenant, "number": task.number, "seq": task.seq}
    await connection.execute(GONE, {f"of_{name}": value for name, value in key.items()})
    roles = sorted({*task.candidates, *task.leads})
    if roles and task.done_at is None:
        rows = [{**key, "role": role} for role in roles]
        await connection.execute(insert(connection, task_roles), rows)


async def _notices(connection: AsyncConnection, notices: Iterable[NoticeView]) -> None:
    waiting = {"status": Delivery.PENDING.value, "attempts": 0}
    rows = [
        {**notice.model_dump(exclude={"schema_version"}), **waiting, "next_at": notice.at}
        for notice in notices
    ]
    if rows:
        await connection.execute(insert(connection, outbox).on_conflict_do_nothing(), rows)
