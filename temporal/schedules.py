"""Schedules: which chore is done how often, kept by Temporal."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from temporal.names import MAINTENANCE, TASK_QUEUE

NIGHT = timedelta(hours=19)
"""In UTC: three in the morning where the shops are."""
MISSED = timedelta(hours=12)
"""What was due while Temporal was down is made up for if it is not older."""


async def schedule(
    client: Client, chore: str, every: timedelta, task_queue: str = TASK_QUEUE
) -> None:
    """Have a chore done so often; saying it again changes how often, and nothing else."""
    wanted = _schedule(chore, every, task_queue)
    try:
        await client.create_schedule(_id(chore), wanted)
    except ScheduleAlreadyRunningError:

        def change(known: ScheduleUpdateInput) -> ScheduleUpdate:
            # Somebody may have paused it; that stays.
            wanted.state = known.description.schedule.state
            return ScheduleUpdate(wanted)

        await client.get_schedule_handle(_id(chore)).update(change)


async def unschedule(client: Client, chore: str) -> bool:
    """Never again; whether it was scheduled."""
    try:
        await client.get_schedule_handle(_id(chore)).delete()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


def _schedule(chore: str, every: timedelta, task_queue: str) -> Schedule:
    action = ScheduleActionStartWorkflow(
        MAINTENANCE, chore, id=f"maintenance-{chore}", task_queue=task_queue, static_summary=chore
    )
    offset = NIGHT % every
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=MISSED),
    )


def _id(chore: str) -> str:
    return f"banjie-{chore}"
