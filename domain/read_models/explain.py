"""Why a clock is due when it is: its budget, its pauses, its milestones, who set its limit."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from domain.engine.case import Case
from domain.engine.messages import Message
from domain.engine.process import Process
from domain.language.clocks import ClockInstance, ClockState, Target, TargetOverride
from domain.language.forms import Instant


class Pause(Message):
    """A time in which a clock was paused; `entry` began it, and it lasts while `until` is None."""

    since: Instant
    until: Instant | None
    entry: int | None


class ClockMoment(Message):
    """A milestone of a clock: when it comes, and whether it was fired."""

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
    """One instance of a clock, explained in full.

    `budget` is what holds for the case and `policy_budget` what the policy alone would give it,
    both in the clock's own time; `due_at` and `policy_due_at` follow from them, and are unknown
    while the clock is paused.
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
    """Return all clocks of a case, older instances first, as they stand at this moment."""
    limits = _limits(process, case)
    return [
        _explanation(process, case, instance, limits.get(instance.key), at)
        for instance in case.clock_instances()
    ]


def _explanation(
    process: Process, case: Case, instance: ClockInstance, limit: Limit | None, at: datetime
) -> Explanation:
    without_override = replace(case.copy(), target_override=None)
    policy = process.target_of(without_override, instance.clock)
    calendar = instance.target.calendar
    return Explanation(
        clock=instance.clock.name,
        instance=instance.number,
        state=instance.state,
        started_at=instance.started_at,
        spent=instance.spent(at),
        calendar=f"{calendar.id}@{calendar.version}",
        budget=instance.target.budget,
        due_at=instance.due,
        policy_budget=policy.budget if policy else None,
        policy_due_at=_due_under(instance, policy) if policy else None,
        limit=limit,
        pauses=_pauses(process, case, instance),
        milestones=_milestones(instance),
        breached_at=instance.breached_at,
        ended_at=instance.ended_at,
    )


def _due_under(instance: ClockInstance, target: Target) -> datetime | None:
    """Return when a clock would be due under another target; None while it is paused."""
    is_paused = instance.paused_at is not None and instance.open
    return None if is_paused else replace(instance, target=target).at_share(1.0)


def _limits(process: Process, case: Case) -> dict[tuple[str, int], Limit]:
    """Return the own limit that each instance of a clock has, or had when the next replaced it."""
    limits: dict[tuple[str, int], Limit] = {}
    clock = process.overridable_clock
    sets_limit = (entry.form.get("limit") is not None for entry in case.entries)
    if clock is None or not (case.target_override or any(sets_limit)):
        return limits
    growing = process.fold(case.opening, case.entries[:1])
    for _ in chain(growing.entries, process.replay(growing, case.entries[1:])):
        instance = growing.clocks.get(clock.name)
        if instance is not None:
            limits.pop(instance.key, None)
            if growing.target_override is not None:
                limits[instance.key] = _limit(growing, growing.target_override)
    return limits


def _limit(case: Case, override: TargetOverride) -> Limit:
    entry, inherited = case.entries[override.seq - 1], case.opening.limit
    if override.seq == 1 and inherited is not None:
        return Limit(by=inherited.by, at=inherited.at, entry=1, of=case.opening.parent)
    return Limit(by=entry.actor.id, at=entry.at, entry=entry.seq)


def _pauses(process: Process, case: Case, instance: ClockInstance) -> tuple[Pause, ...]:
    arrivals = (e for e in case.arrivals() if instance.clock in process.state(e.led_to).pauses)
    begun_by = {entry.at: entry.seq for entry in arrivals}
    current = [(instance.paused_at, None)] if instance.paused_at is not None else []
    spans = [*instance.pauses, *current]
    return tuple(Pause(since=s, until=u, entry=begun_by.get(s)) for s, u in spans)


def _milestones(instance: ClockInstance) -> tuple[ClockMoment, ...]:
    coming = {milestone.name: at for at, milestone in instance.coming_milestones}
    return tuple(
        ClockMoment(
            name=milestone.name,
            at=coming.get(milestone.name),
            fired=milestone.name in instance.fired,
        )
        for milestone in instance.target.milestones
    )
