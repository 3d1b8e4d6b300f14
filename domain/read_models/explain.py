"""Why a clock is due when it is: its budget, its pauses with their entries, who set its limit."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from domain.engine.case import Case
from domain.engine.messages import Message
from domain.engine.process import Process
from domain.language.clocks import ClockInstance, ClockState, Target, TargetOverride
from domain.language.entries import Entry
from domain.language.forms import Instant


class Pause(Message):
    """A time in which a clock stood still; `entry` began it, and it lasts while `until` is None."""

    since: Instant
    until: Instant | None
    entry: int | None


class ClockMoment(Message):
    """A rung of a clock's ladder, and when it comes, or came."""

    name: str
    at: Instant | None
    fired: bool


class Limit(Message):
    """The case's own limit for a clock: who set it, when, in which entry.

    `of` is the case that it was set for, if this one took it over.
    """

    by: str
    at: Instant
    entry: int
    of: str | None = None


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
    milestones: tuple[ClockMoment, ...]
    breached_at: Instant | None
    ended_at: Instant | None


def explain(process: Process, case: Case, at: datetime) -> list[Explanation]:
    """All clocks of a case, older instances first, as they stand at this moment."""
    limits = _limits(process, case)
    return [
        _explained(process, case, each, limits.get((each.clock.name, each.number)), at)
        for each in case.clock_instances()
    ]


def _explained(
    process: Process, case: Case, reading: ClockInstance, limit: Limit | None, at: datetime
) -> Explanation:
    policy = _policy(process, case, reading)
    return Explanation(
        clock=reading.clock.name,
        instance=reading.number,
        state=reading.state,
        started_at=reading.started_at,
        spent=reading.spent(at),
        calendar=f"{reading.target.calendar.id}@{reading.target.calendar.version}",
        budget=reading.target.budget,
        due_at=reading.due,
        policy_budget=policy.budget if policy else None,
        policy_due_at=_due(reading, policy) if policy else None,
        limit=limit,
        pauses=_pauses(process, case, reading),
        milestones=_milestones(reading),
        breached_at=reading.breached_at,
        ended_at=reading.ended_at,
    )


def _policy(process: Process, case: Case, reading: ClockInstance) -> Target | None:
    return process.target_of(replace(case.copy(), target_override=None), reading.clock)


def _due(reading: ClockInstance, target: Target) -> datetime | None:
    standing = reading.paused_at is not None and reading.open
    return None if standing else replace(reading, target=target).at_share(1.0)


def _limits(process: Process, case: Case) -> dict[tuple[str, int], Limit]:
    """The own limit that each instance of a clock has, or had when it gave way to the next."""
    found: dict[tuple[str, int], Limit] = {}
    if not (case.target_override or any(_sets_limit(entry) for entry in case.entries)):
        return found
    then = process.fold(case.opening, case.entries[:1])
    for _ in chain(then.entries, process.replay(then, case.entries[1:])):
        reading = (
            then.clocks.get(process.overridable_clock.name) if process.overridable_clock else None
        )
        if reading is not None:
            found.pop((reading.clock.name, reading.number), None)
            if then.target_override is not None:
                found[reading.clock.name, reading.number] = _limit(then, then.target_override)
    return found


def _sets_limit(entry: Entry) -> bool:
    return entry.form.get("limit") is not None


def _limit(case: Case, own: TargetOverride) -> Limit:
    entry, taken_over = case.entries[own.seq - 1], case.opening.limit
    if own.seq == 1 and taken_over is not None:
        return Limit(by=taken_over.by, at=taken_over.at, entry=1, of=case.opening.parent)
    return Limit(by=entry.actor.id, at=entry.at, entry=entry.seq)


def _pauses(process: Process, case: Case, reading: ClockInstance) -> tuple[Pause, ...]:
    stills = (e for e in case.arrivals() if reading.clock in process.state(e.led_to).pauses)
    began = {entry.at: entry.seq for entry in stills}
    now = [(reading.paused_at, None)] if reading.paused_at is not None else []
    spans = [*reading.pauses, *now]
    return tuple(Pause(since=s, until=u, entry=began.get(s)) for s, u in spans)


def _milestones(reading: ClockInstance) -> tuple[ClockMoment, ...]:
    coming = {milestone.name: at for at, milestone in reading.coming_milestones}
    return tuple(
        ClockMoment(
            name=milestone.name,
            at=coming.get(milestone.name),
            fired=milestone.name in reading.fired,
        )
        for milestone in reading.target.milestones
    )
