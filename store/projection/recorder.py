"""Record what is new of a case: write the rows in one transaction, once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.entries import Entry, EntryType
from domain.read_models.projection import (
    CaseView,
    ClockView,
    NoticeView,
    ProjectionUpdate,
    TaskView,
)
from store.attachments.rows import attachment_rows
from store.attachments.tables import attachments
from store.audit.append import put_entries
from store.cases.goods import goods_rows
from store.cases.tables import (
    case_goods,
    case_words,
    cases,
    clocks,
    entries,
    rank_of,
    task_roles,
    tasks,
)
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.session import Sessions
from store.db.sql import insert, upsert, upsert_if_newer
from store.orders.claims import settle_units
from store.outbox.records import Delivery
from store.outbox.tables import outbox
from store.projection.rows import case_row, entry_row, word_rows

CASE_COLUMNS = (*CaseView.model_fields, "rank")
CLOCK_COLUMNS = tuple(ClockView.model_fields)
TASK_COLUMNS = (*TaskView.model_fields, "rank")
MERGES = frozenset({EntryType.MERGED, EntryType.UNMERGED})
DELETE_ROLES = delete(task_roles).where(
    *(task_roles.c[name] == bindparam(f"of_{name}") for name in ("tenant", "number", "seq"))
)


class Recorder:
    """Writes the projection. An update that comes twice, or too late, undoes nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def write(self, update: ProjectionUpdate) -> None:
        """Write the whole update or nothing.

        Raises:
            StoreDown
        """
        async with self._sessions.writing() as connection:
            # The case's row comes first: two updates of one case wait for each other there.
            is_newest = await _write_case(connection, update.case)
            has_new_entries = await _write_entries(connection, update.case, update.entries)
            await _write_words(connection, update)
            await _write_goods(connection, update)
            await _write_attachments(connection, update)
            for task in update.tasks:
                await _write_task(connection, task)
            if is_newest:
                await _write_clocks(connection, update.clocks)
                await _settle_units(connection, update.case)
            await _write_notices(connection, update.notices)
            if is_newest or has_new_entries:
                await _add_change(connection, update.case)
                await _tell_goes_on(connection, update)


async def _write_case(connection: AsyncConnection, case: CaseView) -> bool:
    """Write the row if it is newer than the one in the table; return whether it was."""
    statement = upsert_if_newer(connection, cases, CASE_COLUMNS, by="last_seq")
    return await connection.scalar(statement, case_row(case)) is not None


async def _write_entries(
    connection: AsyncConnection, case: CaseView, new_entries: Sequence[Entry]
) -> bool:
    """Write the entries that are not there yet; return whether there were any."""
    key = {"tenant": case.tenant, "number": case.number}
    rows = [{**key, **entry_row(entry)} for entry in new_entries]
    if not rows:
        return False
    adding = insert(connection, entries).on_conflict_do_nothing().returning(entries.c.seq)
    written = set((await connection.execute(adding, rows)).scalars())
    fresh = [entry for entry in new_entries if entry.seq in written]
    await put_entries(connection, case.tenant, case.number, fresh)
    return bool(fresh)


async def _write_words(connection: AsyncConnection, update: ProjectionUpdate) -> None:
    key = {"tenant": update.case.tenant, "number": update.case.number}
    if rows := [{**key, **row} for row in word_rows(update)]:
        await connection.execute(insert(connection, case_words).on_conflict_do_nothing(), rows)


async def _write_goods(connection: AsyncConnection, update: ProjectionUpdate) -> None:
    key = {"tenant": update.case.tenant, "number": update.case.number}
    if rows := [{**key, **row} for row in goods_rows(update.entries)]:
        await connection.execute(insert(connection, case_goods).on_conflict_do_nothing(), rows)


async def _write_attachments(connection: AsyncConnection, update: ProjectionUpdate) -> None:
    key = {"tenant": update.case.tenant, "number": update.case.number}
    if rows := [{**key, **row} for row in attachment_rows(update.entries)]:
        await connection.execute(insert(connection, attachments).on_conflict_do_nothing(), rows)


async def _settle_units(connection: AsyncConnection, case: CaseView) -> None:
    """Keep or release the units that the case claimed, of its order or by their numbers."""
    is_open = case.closed_at is None
    await settle_units(connection, case.tenant, case.number, is_open=is_open)


async def _write_task(connection: AsyncConnection, task: TaskView) -> None:
    statement = upsert_if_newer(connection, tasks, TASK_COLUMNS, by="version")
    row = {**task.model_dump(), "rank": rank_of(task.due_at, task.head_start)}
    if await connection.scalar(statement, row) is not None:
        await _write_roles(connection, task)


async def _write_roles(connection: AsyncConnection, task: TaskView) -> None:
    key = {"tenant": task.tenant, "number": task.number, "seq": task.seq}
    await connection.execute(DELETE_ROLES, {f"of_{name}": value for name, value in key.items()})
    roles = sorted({*task.candidates, *task.leads})
    if roles and task.done_at is None:
        is_request = task.request is not None
        rows = [{**key, "role": role, "request": is_request} for role in roles]
        await connection.execute(insert(connection, task_roles), rows)


async def _write_clocks(connection: AsyncConnection, changed: Iterable[ClockView]) -> None:
    if rows := [clock.model_dump() for clock in changed]:
        await connection.execute(upsert(connection, clocks, CLOCK_COLUMNS), rows)


async def _write_notices(connection: AsyncConnection, notices: Iterable[NoticeView]) -> None:
    pending = {"status": Delivery.PENDING.value, "attempts": 0}
    rows = [
        {**notice.model_dump(exclude={"schema_version"}), **pending, "next_at": notice.at}
        for notice in notices
    ]
    if rows:
        await connection.execute(insert(connection, outbox).on_conflict_do_nothing(), rows)


async def _tell_goes_on(connection: AsyncConnection, update: ProjectionUpdate) -> None:
    """Add a change of the case that goes on for one, or no more: what is unread counts there."""
    for entry in update.entries:
        into = entry.form.get("into") if entry.type in MERGES else None
        if isinstance(into, str):
            await add_change(connection, update.case.tenant, ChangeName.COMMENT, into)


async def _add_change(connection: AsyncConnection, case: CaseView) -> None:
    tenant, number, version = case.tenant, case.number, case.last_seq
    await add_change(connection, tenant, ChangeName.CASE, number, version=version)
