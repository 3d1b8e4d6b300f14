"""Schedules of chores, kept by Temporal."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionResult,
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

PREFIX: Final = "banjie-"
RECENT: Final = 5
"""So many of a schedule's newest runs are listed."""
FORGOTTEN: Final = "forgotten"
"""How a run ended that Temporal keeps no longer."""
OFFSET = timedelta(hours=19)
"""Past midnight UTC: three in the morning where the shops are."""
CATCH_UP = timedelta(hours=12)
"""A chore that was due while Temporal was down is done later, unless it is older than this."""


@dataclass(frozen=True)
class ChoreRun:
    """When a chore was begun by its schedule, and how that ended: running, completed, failed …"""

    at: datetime
    status: str


@dataclass(frozen=True)
class ChoreSchedule:
    """The schedule of a chore; `note` is what was said when it was last paused or resumed.

    `runs` are the newest, the last one first.
    """

    chore: str
    every: timedelta | None
    paused: bool
    note: str
    next_at: datetime | None
    runs: tuple[ChoreRun, ...]


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


async def list_schedules(client: Client) -> list[ChoreSchedule]:
    """Return the schedules of chores, by their names."""
    ids = [each.id async for each in await client.list_schedules() if each.id.startswith(PREFIX)]
    # The list is behind; what each is described as is not.
    described = [await _describe(client, id) for id in sorted(ids)]
    return [each for each in described if each is not None]


async def pause_schedule(client: Client, chore: str, note: str, *, paused: bool) -> None:
    """Stop a chore until further notice, or let it go on.

    Raises:
        RPCError: there is no such schedule.
    """
    handle = client.get_schedule_handle(_id(chore))
    await (handle.pause(note=note) if paused else handle.unpause(note=note))


async def trigger_schedule(client: Client, chore: str) -> None:
    """Have a chore done at once, beside its interval; nothing, while it is being done.

    Raises:
        RPCError: there is no such schedule.
    """
    await client.get_schedule_handle(_id(chore)).trigger()


async def _describe(client: Client, id: str) -> ChoreSchedule | None:
    try:
        described = await client.get_schedule_handle(id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    state, info = described.schedule.state, described.info
    intervals = described.schedule.spec.intervals
    runs = [await _run(client, each) for each in reversed(info.recent_actions[-RECENT:])]
    return ChoreSchedule(
        chore=id.removeprefix(PREFIX),
        every=intervals[0].every if intervals else None,
        paused=state.paused,
        note=state.note or "",
        next_at=None if state.paused else next(iter(info.next_action_times), None),
        runs=tuple(runs),
    )


async def _run(client: Client, action: ScheduleActionResult) -> ChoreRun:
    execution = action.action
    status = FORGOTTEN
    if isinstance(execution, ScheduleActionExecutionStartWorkflow):
        run_id = execution.first_execution_run_id
        handle = client.get_workflow_handle(execution.workflow_id, run_id=run_id)
        with suppress(RPCError):
            described = (await handle.describe()).status
            status = described.name.lower() if described else FORGOTTEN
    return ChoreRun(action.started_at, status)


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
    return f"{PREFIX}{chore}"
