"""What time does next to a case: an escalation of a clock, the end of a hold, a timed step."""

from dataclasses import dataclass
from datetime import datetime

from domain.engine.case import Case
from domain.engine.clock_events import Escalation, next_escalation
from domain.engine.holds import Hold
from domain.engine.task_actions import RESUME
from domain.language.table import State, Step


@dataclass(frozen=True)
class DueEvent:
    """One thing that time does: from when it may, and the moment from which it counts."""

    first: datetime
    at: datetime
    event: Escalation | Hold | Step

    @property
    def name(self) -> str:
        """In a few words, as operators see it of a timer."""
        if isinstance(self.event, Escalation):
            return f"{self.event.instance.clock.name} {self.event.highest.name}"
        return self.event.name if isinstance(self.event, Step) else RESUME


def next_due_event(state: State, case: Case, by: datetime | None = None) -> DueEvent | None:
    """Return what comes next, due or not; milestones of a clock that were passed `by` then are one.

    A hold that ends within such milestones ends before them, so that everything counts in order.
    Of events at the same moment, a clock goes before a step, and both before the end of a hold.
    """
    event, hold = _next_of_table_and_clocks(state, case, by), case.hold
    if hold is not None and (event is None or hold.until < event.at):
        return DueEvent(hold.until, hold.until, hold)
    return event


def _next_of_table_and_clocks(state: State, case: Case, by: datetime | None) -> DueEvent | None:
    step, escalation = _timed_step(state, case), next_escalation(case)
    if escalation is None or (step is not None and step.first < escalation.first):
        return step
    if by is not None and escalation.first <= by:
        escalation = next_escalation(case, min(by, step.first) if step else by) or escalation
    return DueEvent(escalation.first, escalation.due, escalation)


def _timed_step(state: State, case: Case) -> DueEvent | None:
    step = state.timed
    if step is None or step.after is None or case.since is None:
        return None
    at = case.since + step.after
    return DueEvent(at, at, step)
