"""What is done to the whole system now and then, by a schedule: one chore, carried to its end."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from temporal.names import CHORE, MAINTENANCE

LONGEST = timedelta(hours=12)
SILENT = timedelta(minutes=2)
"""A chore that has not told how far it is for so long is taken for dead, and begun again."""
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=5))


@workflow.defn(name=MAINTENANCE)
class Maintenance:
    """Does one chore by its name (`sweep`, …); its result is the chore's report."""

    @workflow.run
    async def run(self, chore: str) -> dict[str, JsonValue]:
        """Do it, and try again for as long as the store or the archive does not answer."""
        report: dict[str, JsonValue] = await workflow.execute_activity(
            CHORE,
            chore,
            result_type=dict,
            schedule_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENT,
            retry_policy=RETRIES,
            summary=chore,
        )
        return report
