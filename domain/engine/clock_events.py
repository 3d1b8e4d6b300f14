"""How a case's entries change its clocks, and what its clocks make time do next."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Protocol

from pydantic import JsonValue

from domain.engine.case import ANSWERS, Case
from domain.language.clocks import Clock, ClockInstance, Milestone, Target
from domain.language.effects import Notify
from domain.language.entries import Entry, EntryType
from domain.language.table import State

ASSIGNEE, LEAD = "assignee", "lead"
MILESTONE_TYPES = frozenset(
    {EntryType.WARNED, EntryType.BREACHED, EntryType.ESCALATED, EntryType.INFORMED}
)


class ProcessClocks(Protocol):
    """What clocks need of a process: its states, and the target of a clock for a case.

    `reply_clock` is the clock whose promise is kept by a message that a person writes, `pinned`
    one whose target does not change.
    """

    @property
    def pinned(self) -> Clock | None: ...

    @property
    def reply_clock(self) -> Clock | None: ...

    def state(self, name: str) -> State: ...

    @property
    def clocks(self) -> Collection[Clock]: ...

    @property
    def clocks_on_the_way(self) -> Mapping[str, tuple[Clock, ...]]: ...

    def target_of(self, case: Case, clock: Clock) -> Target | None: ...

    def as_if_demanded(self, case: Case, clock: Clock) -> ClockInstance | None: ...


@dataclass(frozen=True)
class Escalation:
    """Milestones of one clock whose time has come; those that were missed make one entry."""

    instance: ClockInstance
    moments: tuple[tuple[datetime, Milestone], ...]

    @property
    def first(self) -> datetime:
        """When the first of them was due."""
        return self.moments[0][0]

    @property
    def due(self) -> datetime:
        """When the highest of them was due."""
        return self.moments[-1][0]

    @property
    def highest(self) -> Milestone:
        """The one that counts."""
        return self.moments[-1][1]

    @property
    def milestones(self) -> list[Milestone]:
        """All of them."""
        return [milestone for _, milestone in self.moments]

    @property
    def breached_at(self) -> datetime | None:
        """When the clock was due, if a breach is among them."""
        if self.instance.breached_at is not None:
            return None
        is_breach = any(each.type is EntryType.BREACHED for each in self.milestones)
        return self.instance.at_share(1.0) if is_breach else None


def next_escalation(case: Case, by: datetime | None = None) -> Escalation | None:
    """Return the next milestone of any clock, with those of the same clock that are due `by`."""
    coming = [
        (moments[0][0], name, moments)
        for name, instance in case.clocks.items()
        if (moments := instance.coming_milestones)
    ]
    if not coming:
        return None
    first, name, moments = min(coming, key=itemgetter(0, 1))
    until = max(first, by or first)
    return Escalation(case.clocks[name], tuple(m for m in moments if m[0] <= until))


def escalation_form(case: Case, escalation: Escalation) -> dict[str, JsonValue]:
    """Return an escalation as an entry's form: the clock, the milestones, who is notified."""
    roles = escalation.highest.tells
    return {
        "clock": escalation.instance.clock.name,
        "instance": escalation.instance.number,
        "rungs": [milestone.name for milestone in escalation.milestones],
        "tells": [*dict.fromkeys(_recipient(case, role) for role in roles)],
        "raises": sum(milestone.raises for milestone in escalation.milestones),
        "breach": _iso(escalation.breached_at),
    }


def escalation_notices(entry: Entry) -> list[Notify]:
    """Return who is notified of an escalation; nobody if the entry is none."""
    if entry.type not in MILESTONE_TYPES:
        return []
    recipients = entry.form["tells"]
    template = f"clock_{entry.type.value}"
    return [
        Notify(template, str(recipient))
        for recipient in (recipients if isinstance(recipients, list) else [])
    ]


def retargetings(process: ProcessClocks, case: Case) -> list[dict[str, JsonValue]]:
    """Return an entry's form for each clock that has another target than it runs under."""
    forms: list[dict[str, JsonValue]] = []
    for instance in case.clocks.values():
        target = process.target_of(case, instance.clock)
        differs = target is None or not target.promises_as(instance.stated_target)
        if instance.open and instance.breached_at is None and differs:
            new_due = instance.retarget(target, case.last.at).due if target else None
            forms.append(
                {
                    "clock": instance.clock.name,
                    "instance": instance.number,
                    "old_due": _iso(instance.due),
                    "new_due": _iso(new_due),
                }
            )
    return forms


def demanded(process: ProcessClocks, case: Case) -> set[Clock]:
    """Return the clocks that the table starts somewhere and that the facts demand as they are."""
    return {clock for clock in process.clocks if process.target_of(case, clock) is not None}


def revivals(
    process: ProcessClocks, case: Case, clocks: Iterable[Clock]
) -> list[dict[str, JsonValue]]:
    """Return an entry's form for each of the clocks that would run, had the facts been known.

    `clocks` are those that the newest entry's facts demand and earlier ones did not.
    """
    forms: list[dict[str, JsonValue]] = []
    for clock in sorted(clocks, key=lambda each: each.name):
        before, instance = case.clocks.get(clock.name), process.as_if_demanded(case, clock)
        if instance is None or instance.cancelled or (before and not before.cancelled):
            continue
        forms.append(
            {
                "clock": clock.name,
                "instance": instance.number,
                "old_due": _iso(before.due) if before else None,
                "new_due": _iso(instance.due),
            }
        )
    return forms


def apply_entry(process: ProcessClocks, case: Case, before: str | None, informed: bool) -> None:
    """Change the clocks of a case by its newest entry.

    Args:
        process: the case's process.
        case: whose newest entry it is.
        before: the state the case was in.
        informed: whether the customer heard from us by the entry.
    """
    entry = case.last
    if entry.type in MILESTONE_TYPES:
        _fire(case, entry)
    if entry.type is EntryType.NOTIFIED and process.reply_clock:
        _change(case, [process.reply_clock], lambda instance: instance.end(entry.at))
    _pause_for_customer(process, case, entry)
    if entry.type is EntryType.RETARGETED:
        _retarget(process, case, entry)
    if entry.led_to != before:
        _arrive(process, case, entry, process.state(before) if before else None)
    if informed:
        for instance in [i for i in case.clocks.values() if i.open and i.clock.repeats]:
            _start(process, case, instance.clock, _informed_at(entry, instance), again=True)


def _pause_for_customer(process: ProcessClocks, case: Case, entry: Entry) -> None:
    """End the pauses that wait for the customer when they write; begin them when we answer."""
    pauses = process.state(entry.led_to).pauses
    if entry.type is EntryType.HEARD and case.heard:
        _change(case, pauses, partial(_resume_heard, at=case.heard.at))
    elif entry.type in ANSWERS:
        _change(case, pauses, lambda instance: instance.pause(entry.at))


def _resume_heard(instance: ClockInstance, at: datetime) -> ClockInstance:
    """Let a clock run on from when the customer wrote, which may be before the pause began."""
    return instance.resume(max(at, instance.paused_at)) if instance.paused_at else instance


def _recipient(case: Case, role: str) -> str:
    if role != ASSIGNEE:
        return role
    return f"staff:{case.holder.id}" if case.holder else LEAD


def _fire(case: Case, entry: Entry) -> None:
    instance = case.clocks[str(entry.form["clock"])]
    names, breach, raises = (entry.form.get(key) for key in ("rungs", "breach", "raises"))
    case.clocks[instance.clock.name] = instance.fire(
        [str(name) for name in names] if isinstance(names, list) else [],
        datetime.fromisoformat(breach) if isinstance(breach, str) else None,
        case.holder.id if case.holder else None,
    )
    case.escalation_tier += raises if isinstance(raises, int) else 0


def _retarget(process: ProcessClocks, case: Case, entry: Entry) -> None:
    name = str(entry.form["clock"])
    if process.pinned is not None and process.pinned.name == name:
        return
    if (instance := case.clocks.get(name)) is None or not instance.open:
        clock = next(each for each in process.clocks if each.name == name)
        revived = process.as_if_demanded(case, clock)
        if revived is not None:
            # It takes the place of the one that was given up: a clock has one row for each number.
            number = instance.number if instance else revived.number
            case.clocks[name] = replace(_with_verdict(revived), number=number)
        return
    target = process.target_of(case, instance.clock)
    case.clocks[instance.clock.name] = (
        instance.retarget(target, entry.at) if target else instance.end(entry.at, cancelled=True)
    )


def _with_verdict(instance: ClockInstance) -> ClockInstance:
    """Return an instance that nobody watched: if it ended after it was due, it was breached."""
    due, ended_at = instance.at_share(1.0), instance.ended_at
    late = ended_at is not None and due < ended_at and instance.breached_at is None
    return replace(instance, breached_at=due) if late else instance


def _arrive(process: ProcessClocks, case: Case, entry: Entry, left: State | None) -> None:
    """Resume, end, start and pause clocks, in this order, as the state says that is entered.

    A case that was taken over has the clocks that would run, had it come there here.
    """
    state, at = process.state(entry.led_to), entry.at
    resumed = [clock for clock in left.pauses if clock not in state.pauses] if left else []
    _change(case, resumed, lambda instance: instance.resume(at))
    _change(case, state.stops, lambda instance: instance.end(at))
    placed = left is None and case.opening.imported
    starts = process.clocks_on_the_way.get(entry.led_to, ()) if placed else state.starts
    for clock in starts if not (placed and state.closed) else ():
        _start(process, case, clock, at)
    _change(case, state.pauses, lambda instance: instance.pause(at))
    if state.closed:
        clocks = [instance.clock for instance in case.clocks.values()]
        _change(case, clocks, lambda instance: instance.end(at, cancelled=True))


def _change(
    case: Case, clocks: Iterable[Clock], change: Callable[[ClockInstance], ClockInstance]
) -> None:
    for clock in clocks:
        if clock.name in case.clocks:
            case.clocks[clock.name] = change(case.clocks[clock.name])


def _start(
    process: ProcessClocks, case: Case, clock: Clock, at: datetime, *, again: bool = False
) -> None:
    """Start a new instance, unless one is open; the first may count from the receipt."""
    before = case.clocks.get(clock.name)
    if before is not None and before.open and not again:
        return
    if before is not None and case.target_override and case.target_override.clock == clock.name:
        case.target_override = None  # it was for the instance that is over
    target = process.target_of(case, clock)
    if target is None:
        return
    if before is not None and not again:
        case.past.append(before)
    if before is None and clock.from_receipt:
        case.clocks[clock.name] = _from_receipt(case, clock, target, at)
        return
    number = before.number + (not again) if before else 1
    case.clocks[clock.name] = ClockInstance(clock, number, at, target)


def _from_receipt(case: Case, clock: Clock, target: Target, at: datetime) -> ClockInstance:
    """Return the first instance of a clock, which counts from when the case was received.

    What was due before a case was taken over is not our promise: the clock is neither met nor
    broken or, if it starts only later, it counts from then. Milestones of that time are passed.
    """
    instance = ClockInstance(clock, 1, case.opening.received_at, target)
    since = case.imported_at
    if since is None:
        return instance
    if instance.at_share(1.0) <= since:
        is_placed = case.last.type is EntryType.OPENED
        return instance.end(at, cancelled=True) if is_placed else replace(instance, started_at=at)
    passed = [each.name for due, each in instance.coming_milestones if due <= since]
    return replace(instance, fired=tuple(passed))


def _informed_at(entry: Entry, instance: ClockInstance) -> datetime:
    """Return when the customer heard from us: when it was due or, after an outage, when seen.

    A timer that is a little late moves nothing; one that is so late that the next message would
    be due already makes one message, not many.
    """
    if entry.due_at is None or entry.detected_at is None:
        return entry.at
    delay = entry.detected_at - entry.due_at
    return entry.due_at if delay < instance.target.budget else entry.detected_at


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
