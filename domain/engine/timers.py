"""What time does next to a case: an escalation of a clock, the end of a hold, a timed step …"""

from dataclasses import dataclass
from datetime import datetime

from domain.engine.case import Case
from domain.engine.clock_events import Escalation, next_escalation
from domain.engine.holds import Hold
from domain.engine.side_tasks import SideTask
from domain.engine.task_actions import RESUME
from domain.language.entries import Cause, Entry, EntryType
from domain.language.roles import THE_TIMER
from domain.language.table import State, Step


@dataclass(frozen=True)
class DueEvent:
    """One thing that time does: from when it may, and the moment from which it counts."""

    first: datetime
    at: datetime
    event: Escalation | Hold | Step | SideTask

    @property
    def entry(self) -> int | None:
        """The entry that made the hold or the request that is over; None for anything else."""
        return self.event.seq if isinstance(self.event, Hold | SideTask) else None

    @property
    def name(self) -> str:
        """In a few words, as operators see it of a timer."""
        if isinstance(self.event, Escalation):
            return f"{self.event.instance.clock.name} {self.event.highest.name}"
        if isinstance(self.event, SideTask):
            return f"{self.event.sort.value} {self.event.seq} overdue"
        return self.event.name if isinstance(self.event, Step) else RESUME


def next_due_event(state: State, case: Case, by: datetime | None = None) -> DueEvent | None:
    """Return what comes next, due or not; milestones of a clock that were passed `by` then are one.

    A hold that ends within such milestones ends before them, so that everything counts in order.
    Of events at the same moment, a clock goes before a step, both before the end of a hold, and all
    before a request that becomes overdue.
    """
    if case.merge is not None:
        return None  # time does nothing until the other case has answered, nor while it is merged
    event, hold = _next_of_table_and_clocks(state, case, by), case.hold
    if hold is not None and (event is None or hold.until < event.at):
        event = DueEvent(hold.until, hold.until, hold)
    request = _next_overdue(case)
    return request if request and (event is None or request.at < event.at) else event


def _next_overdue(case: Case) -> DueEvent | None:
    """Return the request that is, or was, due next and of which the case does not say so yet."""
    waiting = [task for task in case.open_side_tasks if not task.overdue]
    events = [DueEvent(task.due_at, task.due_at, task) for task in waiting if task.due_at]
    return min(events, key=lambda event: event.at, default=None)


def _next_of_table_and_clocks(state: State, case: Case, by: datetime | None) -> DueEvent | None:
    step, escalation = _timed_step(state, case), next_escalation(case)
    if escalation is None or (step is not None and step.first < escalation.first):
        return step
    if by is not None and escalation.first <= by:
        escalation = next_escalation(case, min(by, step.first) if step else by) or escalation
    return DueEvent(escalation.first, escalation.due, escalation)


def _timed_step(state: State, case: Case) -> DueEvent | None:
    timed = state.timed(case)
    if timed is None or case.silent_since is None or case.heard:
        return None
    after, step = timed
    at = case.silent_since + after
    return DueEvent(at, at, step)


def timer_draft(case: Case, due: DueEvent, at: datetime) -> Entry:
    """Return what the entry of something that time does has in common with all others."""
    return Entry(
        seq=1,
        type=EntryType.STEPPED,
        actor=THE_TIMER,
        at=max(due.at, case.last.at),
        due_at=due.at,
        detected_at=at,
        cause=Cause(entry=due.entry or case.entered),
        led_to="",
    )
