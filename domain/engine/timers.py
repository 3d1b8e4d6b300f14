"""What time does to a case next: an alarm of its clocks, the end of a hold, a step of the table."""

from dataclasses import dataclass
from datetime import datetime

from domain.engine.case import Case
from domain.engine.clock_events import Escalation, next_escalation
from domain.engine.holds import Hold
from domain.language.table import State, Step

RESUME = "resume"


@dataclass(frozen=True)
class DueEvent:
    """One thing that time does: from when it may, and the moment from which it counts."""

    first: datetime
    at: datetime
    what: Escalation | Hold | Step

    @property
    def name(self) -> str:
        """In a few words, as operators see it of a timer."""
        if isinstance(self.what, Escalation):
            return f"{self.what.reading.clock.name} {self.what.highest.name}"
        return self.what.name if isinstance(self.what, Step) else RESUME


def next_due_event(state: State, case: Case, by: datetime | None = None) -> DueEvent | None:
    """What comes next, due by then or not; rungs of a clock that were passed by then are one.

    A hold that ends within such rungs ends before them, so that everything counts in order; where
    two come at the same moment, a promise goes before a step, and both before the end of a hold.
    """
    found, hold = _promised(state, case, by), case.hold
    if hold is not None and (found is None or hold.until < found.at):
        return DueEvent(hold.until, hold.until, hold)
    return found


def _promised(state: State, case: Case, by: datetime | None) -> DueEvent | None:
    step, escalation = _timed(state, case), next_escalation(case)
    if escalation is None or (step is not None and step.first < escalation.first):
        return step
    if by is not None and escalation.first <= by:
        escalation = next_escalation(case, min(by, step.first) if step else by) or escalation
    return DueEvent(escalation.first, escalation.due, escalation)


def _timed(state: State, case: Case) -> DueEvent | None:
    timed = state.timed
    if timed is None or timed.after is None or case.since is None:
        return None
    at = case.since + timed.after
    return DueEvent(at, at, timed)
