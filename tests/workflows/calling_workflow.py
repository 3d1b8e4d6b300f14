"""A workflow that makes one call to a port; retries come quickly first, and then rarely."""

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
class CallingWorkflow:
    """Makes a call through its port; through the port `broken` it fails as a bug does."""

    @workflow.run
    async def run(self, call: PendingCall) -> Outcome:
        if call.port == "broken":
            raise RuntimeError("a bug")
        outcome: Outcome = await workflow.execute_activity(
            call.port,
            call,
            result_type=Outcome,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RETRIES,
        )
        return outcome
