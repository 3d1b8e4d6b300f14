"""The workflow of a batch: works it off part by part, to the end or until it is cancelled."""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.batches import BatchRun
    from temporal.names import BATCH, BATCH_END, BATCH_PART, CANCEL

PARTS_PER_RUN = 200
"""After so many parts the workflow continues as new."""
PART_TIMEOUT = timedelta(minutes=10)
HEARTBEAT_TIMEOUT = timedelta(seconds=10)
"""A part whose worker has not been heard of for so long is started again by another."""
CANCEL_TIMEOUT = timedelta(minutes=2)
"""How long a running part may take to finish once the batch is cancelled: more than it needs even
when its worker has just died, so that what was done is written down."""
GIVES_UP = "a-failing-part-is-given-up"
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=BATCH)
class BatchWorkflow:
    """One batch. Its cases, and what became of each, are in the store."""

    @workflow.init
    def __init__(self, run: BatchRun) -> None:
        self.left: int | None = None
        self.cancelled = run.cancelled

    @workflow.run
    async def run(self, run: BatchRun) -> None:
        """Work off what is left, a part at a time."""
        for _ in range(PARTS_PER_RUN):
            if self._is_over():
                break
            self.left = await self._run_part(run)
        carried_over = run.model_copy(update={"cancelled": self.cancelled})
        if not self._is_over():
            workflow.continue_as_new(carried_over)
        await workflow.execute_activity(
            BATCH_END,
            carried_over,
            start_to_close_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=RETRIES,
        )

    @workflow.signal(name=CANCEL)
    def cancel(self) -> None:
        """Stop before the next part."""
        self.cancelled = True

    def _is_over(self) -> bool:
        return self.cancelled or self.left == 0

    async def _run_part(self, run: BatchRun) -> int | None:
        """Return how many cases are left after one more part.

        A part that still fails when the batch is cancelled is given up.
        """
        part = workflow.start_activity(
            BATCH_PART,
            run,
            result_type=int,
            start_to_close_timeout=PART_TIMEOUT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=RETRIES,
        )
        await workflow.wait_condition(lambda: part.done() or self.cancelled)
        if not part.done() and workflow.patched(GIVES_UP):
            with suppress(TimeoutError):
                await workflow.wait_condition(part.done, timeout=CANCEL_TIMEOUT)
            if not part.done():
                part.cancel()
                return self.left
        left: int = await part
        return left
