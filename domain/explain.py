"""Why a clock is due when it is: its budget, its pauses with their entries, who set its limit."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.case import Case
from domain.clocks import ClockState, Reading, Terms
from domain.forms import Instant
from domain.messages import Message
from domain.process import Process


class Pause(Message):
    """A time in which a clock stood still; `entry` began it, and it lasts while `until` is None."""

    since: Instant
    until: Instant | None
    entry: int | None


class Milestone(Message):
    """A rung of a clock's ladder, and when it comes, or came."""

    rung: str
    at: Instant | None
    fired: bool


class Limit(Message):
    """The case's own limit for a clock: who set it, when, in which entry."""

    by: str
    at: Instant
    entry: int


class Explanation(Message):
    """One instance of a clock, told in full.

    `budget` is what holds for the case and `policy_budget` what the policy alone would give it,
    both in the clock's own time; `due_at` and `policy_due_at` follow from them, and are unknown
    while the clock stands still.
    """

    clock: str
    instance: int
    state: ClockState
    started_at: Instant
    spent: timedelta
    calendar: str
    budget: timedelta
    due_at: Instant | None
    policy_budget: timedelta | None
    policy_due_at: Instant | None
    limit: Limit | None
    pauses: tuple[Pause, ...]
    milestones: tuple[Milestone, ...]
    breached_at: Instant | None
    ended_at: Instant | None


def explain(process: Process, case: Case, at: datetime) -> list[Explanation]:
    """All clocks of a case, older instances first, as they stand at this moment."""
    return [_explained(process, case, each, at) for each in [*case.past, *case.clocks.values()]]


def _explained(process: Process, case: Case, reading: Reading, at: datetime) -> Explanation:
    newest = case.clocks.get(reading.clock.name) is reading
    policy = _policy(process, case, reading)
    return Explanation(
        clock=reading.clock.name,
        instance=reading.instance,
        state=reading.state,
        started_at=reading.started_at,
        spent=reading.spent(at),
        calendar=f"{reading.terms.calendar.id}@{reading.terms.calendar.version}",
        budget=reading.terms.budget,
        due_at=reading.due,
        policy_budget=policy.budget if policy else None,
        policy_due_at=_due(reading, policy) if policy else None,
        limit=_limit(case, reading) if newest else None,
        pauses=_pauses(case, reading),
        milestones=_milestones(reading),
        breached_at=reading.breached_at,
        ended_at=reading.ended_at,
    )


def _policy(process: Process, case: Case, reading: Reading) -> Terms | None:
    return process.terms(replace(case.copy(), own_limit=None), reading.clock)


def _due(reading: Reading, terms: Terms) -> datetime | None:
    standing = reading.paused_at is not None and reading.open
    return None if standing else replace(reading, terms=terms).at_share(1.0)


def _limit(case: Case, reading: Reading) -> Limit | None:
    own = case.own_limit
    if own is None or own.clock != reading.clock.name:
        return None
    entry = case.entries[own.seq - 1]
    return Limit(by=entry.actor.id, at=entry.at, entry=entry.seq)


def _pauses(case: Case, reading: Reading) -> tuple[Pause, ...]:
    began = {entry.at: entry.seq for entry in case.arrivals()}
    now = [(reading.paused_at, None)] if reading.paused_at is not None else []
    spans = [*reading.pauses, *now]
    return tuple(Pause(since=s, until=u, entry=began.get(s)) for s, u in spans)


def _milestones(reading: Reading) -> tuple[Milestone, ...]:
    coming = {rung.name: at for at, rung in reading.rungs()}
    return tuple(
        Milestone(rung=rung.name, at=coming.get(rung.name), fired=rung.name in reading.fired)
        for rung in reading.terms.rungs
    )
