"""Schedules of chores, kept by Temporal."""

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

OFFSET = timedelta(hours=19)
"""Past midnight UTC: three in the morning where the shops are."""
CATCH_UP = timedelta(hours=12)
"""A chore that was due while Temporal was down is done later, unless it is older than this."""


async def schedule(
    client: Client, chore: str, every: timedelta, task_queue: str = TASK_QUEUE
) -> None:
    """Have a chore done at this interval; scheduling it again changes the interval only."""
    new = _schedule(chore, every, task_queue)
    try:
        await client.create_schedule(_id(chore), new)
    except ScheduleAlreadyRunningError:

        def change(current: ScheduleUpdateInput) -> ScheduleUpdate:
            # Somebody may have paused it; that stays.
            new.state = current.description.schedule.state
            return ScheduleUpdate(new)

        await client.get_schedule_handle(_id(chore)).update(change)


async def unschedule(client: Client, chore: str) -> bool:
    """Remove a chore's schedule; whether there was one."""
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
    offset = OFFSET % every
    return Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )


def _id(chore: str) -> str:
    return f"banjie-{chore}"
