"""Acts on many cases: each with its list of cases, as it was when the batch was made.

That one was made or told to stop is an act in the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.batches import Batch, BatchOutcome, BatchResult, BatchState, audit_details
from domain.language.forms import Instant
from store.audit.append import note
from store.audit.records import By
from store.batches.tables import batch_items, batches
from store.cases.records import Cursor, Page
from store.db.clock import Clock
from store.db.corrupt_rows import read_page, sound
from store.db.session import Sessions
from store.db.sql import insert


class BatchItem(BaseModel):
    """One case of a batch; `came` is None until it is done with."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    place: int
    number: str
    tries: int = 0
    came: BatchOutcome | None = None
    code: str | None = None
    detail: str | None = None
    at: Instant | None = None


@dataclass(frozen=True)
class BatchCounted:
    """A batch with how many of its cases came to what; `left` are those not done with."""

    batch: Batch
    left: int
    counts: dict[str, int]


STEP = "batch.applied"


class BatchItems:
    """Works batches off; `Batches` makes and ends them."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def page(
        self, tenant: str, id: str, came: BatchOutcome | None, after: int, limit: int
    ) -> Page[BatchItem]:
        """The cases of a batch in their order, from the one after a place on."""
        wanted = select(batch_items).where(*of(tenant, id), batch_items.c.place > after)
        if came is not None:
            wanted = wanted.where(batch_items.c.came == came.value)
        wanted = wanted.order_by(batch_items.c.place)
        async with self._sessions.reading() as connection:
            return await read_page(connection, batch_items, wanted, BatchItem, limit, _item_place)

    async def waiting(self, tenant: str, id: str, limit: int) -> list[BatchItem]:
        """Cases that are not done with: those tried least first."""
        asked = (batch_items.c.place, batch_items.c.number, batch_items.c.tries)
        wanted = select(*asked).where(*of(tenant, id), batch_items.c.came.is_(None))
        wanted = wanted.order_by(batch_items.c.tries, batch_items.c.place).limit(limit)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        # What else may be spoilt in a row keeps nobody from asking the case.
        return [BatchItem.model_construct(**row) for row in rows]

    async def left(self, tenant: str, id: str) -> int:
        """How many are not done with."""
        wanted = select(func.count()).select_from(batch_items)
        wanted = wanted.where(*of(tenant, id), batch_items.c.came.is_(None))
        async with self._sessions.reading() as connection:
            return int(await connection.scalar(wanted) or 0)

    async def tried(self, batch: Batch, place: int) -> None:
        """Nobody answered; it comes again, after the others."""
        mine = and_(*of(batch.tenant, batch.id), batch_items.c.place == place)
        again = update(batch_items).where(mine, batch_items.c.came.is_(None))
        async with self._sessions.writing() as connection:
            await connection.execute(again.values(tries=batch_items.c.tries + 1))

    async def came(self, batch: Batch, item: BatchItem, result: BatchResult) -> None:
        """What became of a case; said again, nothing changes."""
        mine = and_(*of(batch.tenant, batch.id), batch_items.c.place == item.place)
        now = self._clock()
        told = {"came": result.came.value, "code": result.code, "detail": result.detail, "at": now}
        once = update(batch_items).where(mine, batch_items.c.came.is_(None)).values(told)
        async with self._sessions.writing() as connection:
            written = (await connection.execute(once)).rowcount
            if written and result.came is BatchOutcome.DONE:
                by, details = By(batch.actor, batch.reason), {"batch": batch.id}
                details |= {"step": batch.command.step}
                await note(connection, batch.tenant, now, by, STEP, item.number, details)


def of(tenant: str, id: str) -> tuple[Any, Any]:
    """The cases of one batch, as a condition."""
    return batch_items.c.tenant == tenant, batch_items.c.batch == id


def _item_place(item: BatchItem) -> Cursor:
    return (str(item.place),)


MADE, STOPPED = "batch.made", "batch.cancelled"


class Batches:
    """Keeps batches; `BatchItems` has what became of their cases."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(self, batch: Batch, numbers: Sequence[str]) -> Batch:
        """A batch with its cases, once: the one that is there already, if it has this id."""
        row = batch.model_dump(mode="json") | {"at": batch.at, "ended_at": None}
        places = [
            {"tenant": batch.tenant, "batch": batch.id, "place": place, "number": number,
             "tries": 0}
            for place, number in enumerate(numbers, start=1)
        ]  # fmt: skip
        async with self._sessions.writing() as connection:
            made = await connection.execute(
                insert(connection, batches).values(row).on_conflict_do_nothing()
            )
            if made.rowcount and places:
                await connection.execute(insert(connection, batch_items), places)
            if made.rowcount:
                by = By(batch.actor, batch.reason)
                await note(
                    connection,
                    batch.tenant,
                    self._clock(),
                    by,
                    MADE,
                    batch.id,
                    audit_details(batch),
                )
        found = await self.get(batch.tenant, batch.id)
        return found.batch if found else batch

    async def get(self, tenant: str, id: str) -> BatchCounted | None:
        """The batch, and how far it is.

        Raises:
            Unreadable: its row was spoilt.
        """
        wanted = select(batches).where(batches.c.tenant == tenant, batches.c.id == id)
        async with self._sessions.reading() as connection:
            found = await sound(connection, batches, wanted, Batch)
            return (await _counted(connection, tenant, found))[0] if found else None

    async def page(self, tenant: str, after: Cursor | None, limit: int) -> Page[BatchCounted]:
        """Batches, the newest first."""
        wanted = select(batches).where(batches.c.tenant == tenant)
        if after is not None:
            key = tuple_(batches.c.at, batches.c.id)
            wanted = wanted.where(key < (datetime.fromisoformat(after[0]), after[1]))
        wanted = wanted.order_by(batches.c.at.desc(), batches.c.id.desc())
        async with self._sessions.reading() as connection:
            page = await read_page(connection, batches, wanted, Batch, limit, _place)
            found = await _counted(connection, tenant, page.items)
        return Page(tuple(found), page.next, page.corrupt)

    async def end(self, tenant: str, id: str, *, cancelled: bool) -> None:
        """It is over; what was not done with counts as cancelled."""
        state = BatchState.CANCELLED if cancelled else BatchState.DONE
        mine = and_(batches.c.tenant == tenant, batches.c.id == id, batches.c.ended_at.is_(None))
        rest = update(batch_items).where(*of(tenant, id), batch_items.c.came.is_(None))
        async with self._sessions.writing() as connection:
            now = self._clock()
            await connection.execute(rest.values(came=BatchOutcome.CANCELLED.value, at=now))
            await connection.execute(update(batches).where(mine).values(state=state, ended_at=now))

    async def stopped(self, tenant: str, id: str, by: By) -> None:
        """Somebody told it to stop."""
        async with self._sessions.writing() as connection:
            await note(connection, tenant, self._clock(), by, STOPPED, id, {})


def _place(batch: Batch) -> Cursor:
    return batch.at.isoformat(), batch.id


async def _counted(
    connection: AsyncConnection, tenant: str, found: Iterable[Batch]
) -> list[BatchCounted]:
    """How far each is; a spoilt word for what a case came to counts for nothing."""
    own = {batch.id: batch for batch in found}
    by = (batch_items.c.batch, batch_items.c.came)
    wanted = select(*by, func.count()).where(
        batch_items.c.tenant == tenant, batch_items.c.batch.in_(list(own))
    )
    counts: dict[str, dict[str | None, int]] = {id: {} for id in own}
    for id, came, n in await connection.execute(wanted.group_by(*by)):
        counts[id][came] = n
    known = set(BatchOutcome)
    return [
        BatchCounted(
            batch,
            counts[id].get(None, 0),
            {came: n for came, n in counts[id].items() if came in known and came is not None},
        )
        for id, batch in own.items()
    ]
