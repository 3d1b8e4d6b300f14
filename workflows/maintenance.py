"""The workflow of maintenance: runs one chore of the whole system, on a schedule, to its end."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from temporal.names import CHORE, MAINTENANCE

CHORE_TIMEOUT = timedelta(hours=12)
HEARTBEAT_TIMEOUT = timedelta(minutes=2)
"""A chore that has not reported for so long is taken for dead and started again."""
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=5))


@workflow.defn(name=MAINTENANCE)
class Maintenance:
    """Runs one chore by its name (`sweep`, …)."""

    @workflow.run
    async def run(self, chore: str) -> dict[str, JsonValue]:
        """Return the chore's report; try again while the store or the archive does not answer."""
        report: dict[str, JsonValue] = await workflow.execute_activity(
            CHORE,
            chore,
            result_type=dict,
            schedule_to_close_timeout=CHORE_TIMEOUT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=RETRIES,
            summary=chore,
        )
        return report
