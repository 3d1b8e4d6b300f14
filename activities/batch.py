"""Batches: the command is done in some of the cases at a time, and each result is written down."""

import asyncio
from collections.abc import Awaitable, Callable
from traceback import extract_tb

import structlog
from temporalio import activity

from activities.heartbeat import heartbeats
from cases.common.roles import BATCH_ROLES, POLICY_ROLES
from domain.batches import Batch, BatchOutcome, BatchResult, BatchRun
from domain.engine.kept_policy import CHANGE_POLICY
from store import Store
from store.audit.records import BY_SYSTEM, By
from store.batches.records import BatchItem
from store.errors import StoreDown

PART_SIZE = 20
CONCURRENCY = 4
MAX_TRIES = 3
"""How often a case is tried that does not answer."""
HEARTBEAT_SECONDS = 2.0

FAILED = "failed"
"""The code of a case in which an unanticipated error was raised."""

NO_LONGER = "its person, or whom it assigns, may no longer"
"""Why a batch was stopped half-way."""

log = structlog.get_logger("banjie.worker")

Attempt = Callable[[Batch, BatchItem], Awaitable[BatchResult]]
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
                batch = await self._with_todays_rights(stored.batch)
                if batch is None:
                    return 0
                items = waiting[first : first + CONCURRENCY]
                await asyncio.gather(*(self._process(batch, item) for item in items))
        return await self._store.batch_items.count_waiting(run.tenant, run.id)

    async def _with_todays_rights(self, batch: Batch) -> Batch | None:
        """Return the batch with the roles that its person has now; stop it if they may no more.

        Somebody who is to be assigned all the cases must still be there, too.
        """
        if not batch.actor.is_staff:
            return batch
        person = await self._store.people.get(batch.tenant, batch.actor.id)
        roles = person.roles if person and person.active else ()
        actor = batch.actor.model_copy(update={"roles": roles})
        needed = POLICY_ROLES if batch.command.step == CHANGE_POLICY else BATCH_ROLES
        if actor.stands_for & needed and await self._assignee_is_there(batch):
            return batch.model_copy(update={"actor": actor})
        log.warning("batch_stopped", batch=batch.id)
        stopped = By(BY_SYSTEM.actor, NO_LONGER)
        await self._store.batches.record_cancellation(batch.tenant, batch.id, stopped)
        await self._store.batches.end(batch.tenant, batch.id, cancelled=True)
        return None

    async def _assignee_is_there(self, batch: Batch) -> bool:
        assignee = batch.command.form.get("assignee")
        if not isinstance(assignee, str):
            return True
        person = await self._store.people.get(batch.tenant, assignee)
        return person is not None and person.active

    @activity.defn(name="batch_end")
    async def batch_end(self, run: BatchRun) -> None:
        """Write down that the batch is over.

        Raises:
            StoreDown: Temporal tries again, for ever.
        """
        await self._store.batches.end(run.tenant, run.id, cancelled=run.cancelled)

    async def _process(self, batch: Batch, item: BatchItem) -> None:
        """Attempt one case and write the result down, or that it was tried."""
        result = await self._guarded_attempt(batch, item)
        if result.came is BatchOutcome.UNANSWERED and item.tries + 1 < MAX_TRIES:
            await self._store.batch_items.count_attempt(batch, item.place)
        else:
            await self._store.batch_items.record_result(batch, item, result)

    async def _guarded_attempt(self, batch: Batch, item: BatchItem) -> BatchResult:
        """Return the result in one case; what is wrong with one case stops none of the others."""
        try:
            return await self._attempt(batch, item)
        except StoreDown:
            raise
        except Exception as error:  # noqa: BLE001 — it is this case's result
            name = type(error).__name__
            frame = extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            # Neither its text nor the stack's values: a customer's words may be in them.
            case = {"batch": batch.id, "number": item.number}
            log.error("batch_case_failed", **case, error=name, where=where)  # noqa: TRY400
            detail = f"This case could not be asked: {name}. The worker's log says more."
            return BatchResult(came=BatchOutcome.REFUSED, code=FAILED, detail=detail)
