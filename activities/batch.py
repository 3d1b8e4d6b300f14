"""Batches: a part of one's cases, each asked once, whatever became of it written down."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from temporalio import activity

from domain.batches import Batch, BatchRun, Came, Result
from store import Store
from store.records import BatchItem

PART = 20
AT_ONCE = 4
TRIES = 3
"""So often a case is asked that does not answer."""
BEAT = 2.0
"""Seconds between two signs of life."""

Attempt = Callable[[Batch, str], Awaitable[Result]]
"""Does the batch's deed in a case, or only looks whether it could be done."""


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
        result = await self._attempt(batch, item.number)
        if result.came is Came.UNANSWERED and item.tries + 1 < TRIES:
            await self._store.batch_items.tried(batch, item.place)
        else:
            await self._store.batch_items.came(batch, item, result)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
