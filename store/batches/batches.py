"""Batches: one step for many cases, each with its list of cases as of the time it was made.

Making or cancelling one, and each case that it changed, write audit events.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.batches import (
    Batch,
    BatchOutcome,
    BatchResult,
    BatchState,
    audit_details,
)
from store.audit.append import add_event
from store.audit.records import By
from store.batches.records import BatchItem, BatchProgress
from store.batches.tables import batch_items, batches
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.corrupt_rows import read_page, read_rows
from store.db.pages import Cursor, Page
from store.db.session import Sessions
from store.db.sql import insert

NO_ORIGINS: Mapping[str, str] = {}


class Batches:
    """Keeps batches; `BatchItems` has what became of their cases."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self, batch: Batch, numbers: Sequence[str], origins: Mapping[str, str] = NO_ORIGINS
    ) -> Batch:
        """Add a batch with its cases, once; return the stored one if its id is there already.

        `origins` names, by case, the batch that sent the same request and got no answer.
        """
        row = batch.model_dump(mode="json") | {"at": batch.at, "ended_at": None}
        items = [
            {"tenant": batch.tenant, "batch": batch.id, "place": place, "number": number,
             "tries": 0, "origin": origins.get(number)}
            for place, number in enumerate(numbers, start=1)
        ]  # fmt: skip
        async with self._sessions.writing() as connection:
            adding = insert(connection, batches).values(row).on_conflict_do_nothing()
            is_new = (await connection.execute(adding)).rowcount
            if is_new and items:
                await connection.execute(insert(connection, batch_items), items)
            if is_new:
                by, now = By(batch.actor, batch.reason), self._clock()
                details = audit_details(batch)
                await add_event(connection, batch.tenant, now, by, "batch.made", batch.id, details)
                await add_change(connection, batch.tenant, ChangeName.BATCH, batch.id)
        stored = await self.get(batch.tenant, batch.id)
        return stored.batch if stored else batch

    async def get(self, tenant: str, id: str) -> BatchProgress | None:
        """Return the batch, and how far it is.

        Raises:
            CorruptRow
        """
        query = select(batches).where(batches.c.tenant == tenant, batches.c.id == id)
        async with self._sessions.reading() as connection:
            rows = await read_rows(connection, batches, query, Batch)
            return (await _progress_of(connection, tenant, rows))[0] if rows else None

    async def page(self, tenant: str, after: Cursor | None, limit: int) -> Page[BatchProgress]:
        """Return batches, the newest first."""
        query = select(batches).where(batches.c.tenant == tenant)
        if after is not None:
            key = tuple_(batches.c.at, batches.c.id)
            query = query.where(key < (datetime.fromisoformat(after[0]), after[1]))
        query = query.order_by(batches.c.at.desc(), batches.c.id.desc())
        async with self._sessions.reading() as connection:
            page = await read_page(connection, batches, query, Batch, limit, _cursor)
            items = await _progress_of(connection, tenant, page.items)
        return Page(tuple(items), page.next, page.corrupt)

    async def count_running(self, tenant: str) -> int:
        """Count the batches that have not ended."""
        query = select(func.count()).select_from(batches)
        query = query.where(batches.c.tenant == tenant, batches.c.ended_at.is_(None))
        async with self._sessions.reading() as connection:
            return int(await connection.scalar(query) or 0)

    async def end(self, tenant: str, id: str, *, cancelled: bool) -> None:
        """End a batch; cases that still wait count as cancelled."""
        state = BatchState.CANCELLED if cancelled else BatchState.DONE
        this = and_(batches.c.tenant == tenant, batches.c.id == id, batches.c.ended_at.is_(None))
        waiting = update(batch_items).where(_waits(tenant, id))
        async with self._sessions.writing() as connection:
            now = self._clock()
            await connection.execute(waiting.values(came=BatchOutcome.CANCELLED.value, at=now))
            await connection.execute(update(batches).where(this).values(state=state, ended_at=now))
            await add_change(connection, tenant, ChangeName.BATCH, id)

    async def record_cancellation(self, tenant: str, id: str, by: By) -> None:
        """Write down that somebody cancelled the batch."""
        async with self._sessions.writing() as connection:
            await add_event(connection, tenant, self._clock(), by, "batch.cancelled", id, {})


class BatchItems:
    """The cases of batches, and what became of each; `Batches` makes and ends the batches."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def page(
        self, tenant: str, id: str, came: BatchOutcome | None, after: int, limit: int
    ) -> Page[BatchItem]:
        """Return the cases of a batch in order, from the place that follows `after`."""
        query = select(batch_items).where(_of_batch(tenant, id), batch_items.c.place > after)
        if came is not None:
            query = query.where(batch_items.c.came == came.value)
        query = query.order_by(batch_items.c.place)
        async with self._sessions.reading() as connection:
            return await read_page(connection, batch_items, query, BatchItem, limit, _item_cursor)

    async def waiting(self, tenant: str, id: str, limit: int) -> list[BatchItem]:
        """Return cases that still wait, those with the fewest tries first."""
        names = ("place", "number", "tries", "origin")
        columns = [batch_items.c[name] for name in names]
        query = select(*columns).where(_waits(tenant, id))
        query = query.order_by(batch_items.c.tries, batch_items.c.place).limit(limit)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        # Not validated: a row whose other columns are corrupt does not keep its case from trying.
        return [BatchItem.model_construct(**row) for row in rows]

    async def with_outcomes(
        self, tenant: str, id: str, outcomes: Collection[BatchOutcome]
    ) -> list[BatchItem]:
        """Return the cases of which one of these became, in order."""
        came = sorted(each.value for each in outcomes)
        columns = [batch_items.c[name] for name in ("place", "number", "came", "origin")]
        query = select(*columns).where(_of_batch(tenant, id), batch_items.c.came.in_(came))
        query = query.order_by(batch_items.c.place)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [BatchItem.model_construct(**row) for row in rows]

    async def count_waiting(self, tenant: str, id: str) -> int:
        """Count the cases that still wait."""
        query = select(func.count()).select_from(batch_items).where(_waits(tenant, id))
        async with self._sessions.reading() as connection:
            return int(await connection.scalar(query) or 0)

    async def count_attempt(self, batch: Batch, place: int) -> None:
        """Count an attempt that nobody answered; the case is tried again after the others."""
        attempt = update(batch_items).where(
            _waits(batch.tenant, batch.id), batch_items.c.place == place
        )
        async with self._sessions.writing() as connection:
            await connection.execute(attempt.values(tries=batch_items.c.tries + 1))

    async def record_result(self, batch: Batch, item: BatchItem, result: BatchResult) -> None:
        """Record what became of a case; a repetition changes nothing."""
        now = self._clock()
        values = {
            "came": result.came.value, "code": result.code, "detail": result.detail, "at": now
        }  # fmt: skip
        statement = update(batch_items).where(
            _waits(batch.tenant, batch.id), batch_items.c.place == item.place
        )
        async with self._sessions.writing() as connection:
            is_new = (await connection.execute(statement.values(values))).rowcount
            if is_new:
                await add_change(connection, batch.tenant, ChangeName.BATCH, batch.id)
            if is_new and result.came is BatchOutcome.DONE:
                by = By(batch.actor, batch.reason)
                details = {"batch": batch.id, "step": batch.command.step}
                await add_event(
                    connection, batch.tenant, now, by, "batch.applied", item.number, details
                )


async def _progress_of(
    connection: AsyncConnection, tenant: str, found: Iterable[Batch]
) -> list[BatchProgress]:
    """Count the cases of each batch by result; a corrupt result is not counted."""
    by_id = {batch.id: batch for batch in found}
    by = (batch_items.c.batch, batch_items.c.came)
    query = select(*by, func.count()).where(
        batch_items.c.tenant == tenant, batch_items.c.batch.in_(list(by_id))
    )
    counts: dict[str, dict[str | None, int]] = {id: {} for id in by_id}
    for id, came, n in await connection.execute(query.group_by(*by)):
        counts[id][came] = n
    results = set(BatchOutcome)
    return [
        BatchProgress(
            batch,
            counts[id].get(None, 0),
            {came: n for came, n in counts[id].items() if came in results and came is not None},
        )
        for id, batch in by_id.items()
    ]


def _of_batch(tenant: str, id: str) -> ColumnElement[bool]:
    return and_(batch_items.c.tenant == tenant, batch_items.c.batch == id)


def _waits(tenant: str, id: str) -> ColumnElement[bool]:
    return and_(_of_batch(tenant, id), batch_items.c.came.is_(None))


def _cursor(batch: Batch) -> Cursor:
    return batch.at.isoformat(), batch.id


def _item_cursor(item: BatchItem) -> Cursor:
    return (str(item.place),)
