"""Batches: the command is done in some of the cases at a time, and each result is written down."""

import asyncio
from collections.abc import Awaitable, Callable
from traceback import extract_tb

import structlog
from temporalio import activity

from activities.heartbeat import heartbeats
from domain.batches import Batch, BatchOutcome, BatchResult, BatchRun
from store import Store
from store.batches.records import BatchItem
from store.errors import StoreDown

PART_SIZE = 20
CONCURRENCY = 4
MAX_TRIES = 3
"""How often a case is tried that does not answer."""
HEARTBEAT_SECONDS = 2.0

FAILED = "failed"
"""The code of a case in which an unanticipated error was raised."""

log = structlog.get_logger("banjie.worker")

Attempt = Callable[[Batch, str], Awaitable[BatchResult]]
"""Does the batch's command in a case or, in a dry run, checks whether it could be done."""


class BatchActivities:
    """The activities `batch_part` and `batch_end`, given the store and the attempt on one case."""

    def __init__(self, store: Store, attempt: Attempt) -> None:
        self._store, self._attempt = store, attempt

    @activity.defn(name="batch_part")
    async def batch_part(self, run: BatchRun) -> int:
        """Do some of the cases that are left and return how many are left then.

        A repetition goes on where the first attempt was: a case that was asked already answers
        the same again.

        Raises:
            StoreDown: Temporal tries again, for ever.
        """
        stored = await self._store.batches.get(run.tenant, run.id)
        if stored is None:
            return 0
        async with heartbeats(HEARTBEAT_SECONDS):
            waiting = await self._store.batch_items.waiting(run.tenant, run.id, PART_SIZE)
            for first in range(0, len(waiting), CONCURRENCY):
                items = waiting[first : first + CONCURRENCY]
                await asyncio.gather(*(self._process(stored.batch, item) for item in items))
        return await self._store.batch_items.count_waiting(run.tenant, run.id)

    @activity.defn(name="batch_end")
    async def batch_end(self, run: BatchRun) -> None:
        """Write down that the batch is over.

        Raises:
            StoreDown: Temporal tries again, for ever.
        """
        await self._store.batches.end(run.tenant, run.id, cancelled=run.cancelled)

    async def _process(self, batch: Batch, item: BatchItem) -> None:
        """Attempt one case and write the result down, or that it was tried."""
        result = await self._guarded_attempt(batch, item.number)
        if result.came is BatchOutcome.UNANSWERED and item.tries + 1 < MAX_TRIES:
            await self._store.batch_items.count_attempt(batch, item.place)
        else:
            await self._store.batch_items.record_result(batch, item, result)

    async def _guarded_attempt(self, batch: Batch, number: str) -> BatchResult:
        """The result in one case; whatever is wrong with one case stops none of the others."""
        try:
            return await self._attempt(batch, number)
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 — it is this case's result
            name = type(error).__name__
            frame = extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            # Neither its text nor the stack's values: a customer's words may be in them.
            log.error("batch_case_failed", batch=batch.id, number=number, error=name, where=where)  # noqa: TRY400
            detail = f"This case could not be asked: {name}. The worker's log says more."
            return BatchResult(came=BatchOutcome.REFUSED, code=FAILED, detail=detail)
