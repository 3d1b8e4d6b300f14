"""Recording: what is new of a case becomes rows, in one transaction, once."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.entries import Entry
from domain.views import CaseView, ClockView, NoticeView, RecordBatch, TaskView
from store.acts import put_entries
from store.records import Delivery
from store.session import Sessions
from store.sql import insert
from store.tables.clocks import clocks
from store.tables.projection import cases, entries, task_roles, tasks
from store.tables.talk import outbox

FAR = datetime(9999, 12, 31, tzinfo=UTC)
"""The rank of a task that is never due."""


class Recorder:
    """Writes the projection. A batch that comes twice, or too late, takes nothing back."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def write(self, batch: RecordBatch) -> None:
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
    row = insert(connection, cases).values(case.model_dump())
    fresh = {name: row.excluded[name] for name in CaseView.model_fields}
    newer = cases.c.last_seq < row.excluded.last_seq
    written = await connection.scalar(
        row.on_conflict_do_update(
            index_elements=cases.primary_key, set_=fresh, where=newer
        ).returning(cases.c.last_seq)
    )
    return written is not None


async def _clocks(connection: AsyncConnection, turned: Iterable[ClockView]) -> None:
    for clock in turned:
        row = insert(connection, clocks).values(clock.model_dump())
        fresh = {name: row.excluded[name] for name in ClockView.model_fields}
        await connection.execute(
            row.on_conflict_do_update(index_elements=clocks.primary_key, set_=fresh)
        )


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
    return {**entry.model_dump(), **as_json}


async def _task(connection: AsyncConnection, task: TaskView) -> None:
    row = insert(connection, tasks).values(**task.model_dump(), rank=task.due_at or FAR)
    fresh = {name: row.excluded[name] for name in (*TaskView.model_fields, "rank")}
    newer = tasks.c.version < row.excluded.version
    written = await connection.scalar(
        row.on_conflict_do_update(
            index_elements=tasks.primary_key, set_=fresh, where=newer
        ).returning(tasks.c.version)
    )
    if written is not None:
        await _roles(connection, task)


async def _roles(connection: AsyncConnection, task: TaskView) -> None:
    key = {"tenant": task.tenant, "number": task.number, "seq": task.seq}
    await connection.execute(
        delete(task_roles).where(*(task_roles.c[name] == value for name, value in key.items()))
    )
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
