"""An act on many cases: part by part, to the end, or until somebody says stop."""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.batches import BatchRun, Progress
    from temporal.names import BATCH, BATCH_END, BATCH_PART, CANCEL, PROGRESS

PARTS = 200
"""After so many parts the history is begun anew."""
LONGEST = timedelta(minutes=10)
SILENT = timedelta(seconds=10)
"""A part whose worker has not been heard of for so long is begun again by another."""
STOPPING = timedelta(minutes=2)
"""So long a part may take to come to its end once the batch was told to stop: more than it needs,
even when its worker has just died, so that what was done is written down."""
GIVES_UP = "a-failing-part-is-given-up"
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=BATCH)
class BatchWorkflow:
    """One batch. Its cases, and what became of each, are in the store."""

    @workflow.init
    def __init__(self, run: BatchRun) -> None:
        self.progress = Progress(cancelled=run.cancelled)

    @workflow.run
    async def run(self, run: BatchRun) -> None:
        """Do what is left, a part at a time."""
        for _ in range(PARTS):
            if self.progress.cancelled or self.progress.left == 0:
                break
            left = await self._part(run)
            self.progress = self.progress.model_copy(update={"left": left})
        now = run.model_copy(update={"cancelled": self.progress.cancelled})
        if not self.progress.cancelled and self.progress.left != 0:
            workflow.continue_as_new(now)
        await workflow.execute_activity(
            BATCH_END, now, start_to_close_timeout=SILENT, retry_policy=RETRIES
        )

    async def _part(self, run: BatchRun) -> int | None:
        """Do some; how many are left then. Told to stop, one that fails and fails is given up."""
        part = workflow.start_activity(
            BATCH_PART,
            run,
            result_type=int,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENT,
            retry_policy=RETRIES,
        )
        await workflow.wait_condition(lambda: part.done() or self.progress.cancelled)
        if not part.done() and workflow.patched(GIVES_UP):
            with suppress(TimeoutError):
                await workflow.wait_condition(part.done, timeout=STOPPING)
            if not part.done():
                part.cancel()
                return self.progress.left
        left: int = await part
        return left

    @workflow.signal(name=CANCEL)
    def cancel(self) -> None:
        """Stop before the next part."""
        self.progress = self.progress.model_copy(update={"cancelled": True})

    @workflow.query(name=PROGRESS)
    def told(self) -> Progress:
        """How far it is."""
        return self.progress
