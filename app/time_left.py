"""How a promise about time stands, by one rule: the inbox and the page of a case say the same."""

from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final

from domain.language.clocks import ClockState
from domain.read_models.explain import Explanation
from domain.read_models.projection import ClockView

NEAR: Final = timedelta(minutes=15)
NEAR_SHARE: Final = 0.25


class TimeLeft(StrEnum):
    """How a promise stands; `NEAR` when a warning is past, or little of the time is left."""

    NOT_STARTED = auto()
    RUNNING = auto()
    NEAR = auto()
    OVERDUE = auto()
    PAUSED = auto()
    MET = auto()
    MET_LATE = auto()


ENDED_OR_STOOD: Final = {
    ClockState.PAUSED: TimeLeft.PAUSED,
    ClockState.BREACHED: TimeLeft.OVERDUE,
    ClockState.MET: TimeLeft.MET,
    ClockState.MET_LATE: TimeLeft.MET_LATE,
}
"""How a clock stands that does not run; one that was cancelled says nothing."""


def time_left(clock: ClockView | Explanation | None, now: datetime) -> TimeLeft:
    """Say how a clock stands; a workflow may record a moment late, so the present time counts."""
    if clock is None:
        return TimeLeft.NOT_STARTED
    if clock.state is not ClockState.RUNNING or clock.due_at is None:
        return ENDED_OR_STOOD.get(clock.state, TimeLeft.NOT_STARTED)
    left = clock.due_at - now
    if left <= timedelta():
        return TimeLeft.OVERDUE
    whole = clock.due_at - clock.started_at
    is_near = _was_warned(clock) or left < NEAR or left < whole * NEAR_SHARE
    return TimeLeft.NEAR if is_near else TimeLeft.RUNNING


def _was_warned(clock: ClockView | Explanation) -> bool:
    if isinstance(clock, Explanation):
        return any(each.fired for each in clock.milestones)
    return bool(clock.rungs)
