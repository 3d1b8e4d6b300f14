"""A workflow that asks one thing of the world, with retries that come quickly and then hardly."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.engine.messages import Outcome, PendingCall

QUEUE = "incidents"
RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=10),
    backoff_coefficient=100,
    maximum_interval=timedelta(hours=1),
)


@workflow.defn
class Asks:
    """Asks through the errand's port; through `broken` it fails as a bug does."""

    @workflow.run
    async def run(self, pending_call: PendingCall) -> Outcome:
        if pending_call.port == "broken":
            raise RuntimeError("a bug")
        outcome: Outcome = await workflow.execute_activity(
            pending_call.port,
            pending_call,
            result_type=Outcome,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RETRIES,
        )
        return outcome
