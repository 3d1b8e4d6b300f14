"""Why a clock is due when it is: its budget, its pauses, its milestones, who set its limit."""

from dataclasses import replace
from datetime import date, datetime
from itertools import chain

from domain.engine.case import Case
from domain.engine.messages import Message
from domain.engine.process import Process
from domain.language.clocks import ClockInstance, ClockState, Target, TargetOverride
from domain.language.entries import Entry, EntryType
from domain.language.values import Duration, Instant
from domain.read_models.clock_intervals import ClockInterval, PauseEntries, clock_intervals


class Pause(Message):
    """A time in which a clock was paused; `entry` began it, and it lasts while `until` is None."""

    since: Instant
    until: Instant | None
    entry: int


class ClockMoment(Message):
    """A milestone of a clock: when it comes, and whether it was fired."""

    name: str
    at: Instant | None
    fired: bool


class Limit(Message):
    """The case's own limit for a clock: who set it, when, in which entry.

    `of` is the case that it was set for, if this one took it over: this one came of that, or that
    one, which had promised it, was merged into this.
    """

    by: str
    at: Instant
    entry: int
    of: str | None = None


class Explanation(Message):
    """One instance of a clock, explained in full.

    `budget` is what holds for the case and `policy_budget` what the policy alone would give it,
    both in the clock's own time; `due_at` and `policy_due_at` follow from them, and are unknown
    while the clock is paused. After `provisional_after` the calendar's holidays are not announced
    yet: it is only there if `due_at` is later, and may still move. `intervals` are all of its time
    until it ended or, at the latest, `read_at`: those that counted add up to `spent`.
    """

    clock: str
    instance: int
    state: ClockState
    started_at: Instant
    read_at: Instant
    spent: Duration
    policy: str
    calendar: str
    budget: Duration
    due_at: Instant | None
    provisional_after: date | None = None
    policy_budget: Duration | None
    policy_due_at: Instant | None
    limit: Limit | None
    pauses: tuple[Pause, ...]
    intervals: tuple[ClockInterval, ...]
    milestones: tuple[ClockMoment, ...]
    breached_at: Instant | None
    ended_at: Instant | None


def explain(process: Process, case: Case, at: datetime) -> list[Explanation]:
    """Return all clocks of a case, older instances first, as they stand at this moment."""
    limits, begun_by = _limits(process, case), _pause_entries(process, case)
    return [
        _explanation(process, case, instance, limits.get(instance.key), begun_by, at)
        for instance in case.clock_instances()
    ]


def _explanation(
    process: Process,
    case: Case,
    instance: ClockInstance,
    limit: Limit | None,
    begun_by: PauseEntries,
    at: datetime,
) -> Explanation:
    without_override = replace(case.copy(), target_override=None)
    policy = process.target_of(without_override, instance.clock)
    calendar = instance.target.calendar
    return Explanation(
        clock=instance.clock.name,
        instance=instance.number,
        state=instance.state,
        started_at=instance.started_at,
        read_at=at,
        spent=instance.spent(at),
        policy=case.policy.version,
        calendar=calendar.name,
        budget=instance.target.budget,
        due_at=instance.due,
        provisional_after=calendar.provisional_after(instance.due),
        policy_budget=policy.budget if policy else None,
        policy_due_at=_due_under(instance, policy) if policy else None,
        limit=limit,
        pauses=_pauses(instance, begun_by),
        intervals=clock_intervals(instance, case.entries, begun_by, at),
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
    sets_limit = (_sets_limit(entry) for entry in case.entries)
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


def _sets_limit(entry: Entry) -> bool:
    is_promise = entry.type is EntryType.JOINED and entry.form.get("due") is not None
    return is_promise or entry.form.get("limit") is not None


def _limit(case: Case, override: TargetOverride) -> Limit:
    entry, inherited = case.entries[override.seq - 1], case.opening.limit
    if override.seq == 1 and inherited is not None:
        return Limit(by=inherited.by, at=inherited.at, entry=1, of=case.opening.parent)
    if entry.type is EntryType.JOINED:
        by = entry.actor.on_behalf_of or entry.actor
        return Limit(by=by.id, at=entry.at, entry=entry.seq, of=str(entry.form["number"]))
    return Limit(by=entry.actor.id, at=entry.at, entry=entry.seq)


def _pauses(instance: ClockInstance, begun_by: PauseEntries) -> tuple[Pause, ...]:
    current = [(instance.paused_at, None)] if instance.paused_at is not None else []
    spans = [*instance.pauses, *current]
    return tuple(
        Pause(since=since, until=until, entry=begun_by[instance.clock.name, since])
        for since, until in spans
    )


def _pause_entries(process: Process, case: Case) -> PauseEntries:
    """Return the entry that began each pause: an arrival, a rewind, or whatever else it was."""
    if not any(i.pauses or i.paused_at for i in case.clock_instances()):
        return {}
    begun_by: dict[tuple[str, datetime], int] = {}
    growing = process.fold(case.opening, ())
    for entry in process.replay(growing, case.entries):
        for instance in growing.clock_instances():
            if instance.paused_at is not None:
                begun_by.setdefault((instance.clock.name, instance.paused_at), entry.seq)
    return begun_by


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
