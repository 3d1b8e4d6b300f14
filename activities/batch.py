"""Batches: a part of one's cases, each asked once, whatever became of it written down."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from traceback import extract_tb

import structlog
from temporalio import activity

from domain.batches import Batch, BatchRun, Came, Result
from store import Store
from store.batches.batches import BatchItem
from store.errors import StoreDown

PART = 20
AT_ONCE = 4
TRIES = 3
"""So often a case is asked that does not answer."""
BEAT = 2.0
"""Seconds between two signs of life."""

FAILED = "failed"
"""The code of a case with which something went wrong that nobody foresaw."""

log = structlog.get_logger("banjie.worker")

Attempt = Callable[[Batch, str], Awaitable[Result]]
"""Does the batch's command in a case, or only looks whether it could be done."""


class Batching:
    """The activities `batch_part` and `batch_end`, given the store and how to act on one case."""

    def __init__(self, store: Store, attempt: Attempt) -> None:
        self._store, self._attempt = store, attempt

    @activity.defn(name="batch_part")
    async def batch_part(self, run: BatchRun) -> int:
        """Some of the cases that are left; how many are left then.

        Done again, it goes on where it was: what a case was asked before, it answers as before.

        Raises:
            StoreDown: Temporal tries again, for ever.
        """
        found = await self._store.batches.get(run.tenant, run.id)
        if found is None:
            return 0
        beating = asyncio.create_task(_beat())
        try:
            waiting = await self._store.batch_items.waiting(run.tenant, run.id, PART)
            for first in range(0, len(waiting), AT_ONCE):
                some = waiting[first : first + AT_ONCE]
                await asyncio.gather(*(self._one(found.batch, item) for item in some))
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        return await self._store.batch_items.left(run.tenant, run.id)

    @activity.defn(name="batch_end")
    async def batch_end(self, run: BatchRun) -> None:
        """The batch is over.

        Raises:
            StoreDown: Temporal tries again, for ever.
        """
        await self._store.batches.end(run.tenant, run.id, cancelled=run.cancelled)

    async def _one(self, batch: Batch, item: BatchItem) -> None:
        result = await self._asked(batch, item.number)
        if result.came is Came.UNANSWERED and item.tries + 1 < TRIES:
            await self._store.batch_items.tried(batch, item.place)
        else:
            await self._store.batch_items.came(batch, item, result)

    async def _asked(self, batch: Batch, number: str) -> Result:
        """What came of it; whatever is wrong with one case stops none of the others."""
        try:
            return await self._attempt(batch, number)
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 — it is this case's result
            why = type(error).__name__
            last = extract_tb(error.__traceback__)[-1]
            where = f"{last.filename}:{last.lineno}"
            # Not its text, nor what is on the stack: there may be a customer's words in it.
            log.error("batch_case_failed", batch=batch.id, number=number, error=why, where=where)  # noqa: TRY400
            detail = f"This case could not be asked: {why}. The worker's log says more."
            return Result(came=Came.REFUSED, code=FAILED, detail=detail)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
