"""The cases of a batch: what is left of them is worked off, what became of each is written once.

Each step that was taken is an act in the ledger, with the reason of the batch.
"""

from typing import Any

from sqlalchemy import and_, func, select, update

from domain.batches import Batch, Came, Result
from store.acts import note
from store.clock import Clock
from store.records import BatchItem, By, Cursor, Page
from store.session import Sessions
from store.spoilt import read_page
from store.tables.batches import batch_items

STEP = "batch.applied"


class BatchItems:
    """Works batches off; `Batches` makes and ends them."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def page(
        self, tenant: str, id: str, came: Came | None, after: int, limit: int
    ) -> Page[BatchItem]:
        """The cases of a batch in their order, from the one after a place on."""
        wanted = select(batch_items).where(*of(tenant, id), batch_items.c.place > after)
        if came is not None:
            wanted = wanted.where(batch_items.c.came == came.value)
        wanted = wanted.order_by(batch_items.c.place)
        async with self._sessions.reading() as connection:
            return await read_page(connection, batch_items, wanted, BatchItem, limit, _place)

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

    async def came(self, batch: Batch, item: BatchItem, result: Result) -> None:
        """What became of a case; said again, nothing changes."""
        mine = and_(*of(batch.tenant, batch.id), batch_items.c.place == item.place)
        now = self._clock()
        told = {"came": result.came.value, "code": result.code, "detail": result.detail, "at": now}
        once = update(batch_items).where(mine, batch_items.c.came.is_(None)).values(told)
        async with self._sessions.writing() as connection:
            written = (await connection.execute(once)).rowcount
            if written and result.came is Came.DONE:
                by, details = By(batch.actor, batch.reason), {"batch": batch.id}
                details |= {"step": batch.deed.step}
                await note(connection, batch.tenant, now, by, STEP, item.number, details)


def of(tenant: str, id: str) -> tuple[Any, Any]:
    """The cases of one batch, as a condition."""
    return batch_items.c.tenant == tenant, batch_items.c.batch == id


def _place(item: BatchItem) -> Cursor:
    return (str(item.place),)
