"""How a case's entries turn its clocks, and what its clocks make time do next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Protocol

from pydantic import JsonValue

from domain.engine.case import Case
from domain.language.clocks import Clock, ClockInstance, Milestone, Target
from domain.language.effects import Notify
from domain.language.entries import Entry, EntryType
from domain.language.table import State

ASSIGNEE, LEAD = "assignee", "lead"
MILESTONE_TYPES = frozenset(
    {EntryType.WARNED, EntryType.BREACHED, EntryType.ESCALATED, EntryType.INFORMED}
)


class ProcessClocks(Protocol):
    """What is asked of a process here: its states, and the terms of a clock for a case.

    `reply_clock` is the clock whose promise is kept by a message that a person writes.
    """

    @property
    def reply_clock(self) -> Clock | None: ...

    def state(self, name: str) -> State: ...

    def target_of(self, case: Case, clock: Clock) -> Target | None: ...


@dataclass(frozen=True)
class Escalation:
    """Rungs of one clock whose time has come; what was passed unseen makes one entry."""

    reading: ClockInstance
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
    def breach(self) -> datetime | None:
        """When the clock was due, if a breach is among them."""
        if self.reading.breached_at is not None:
            return None
        broken = any(milestone.type is EntryType.BREACHED for milestone in self.milestones)
        return self.reading.at_share(1.0) if broken else None


def apply_entry(process: ProcessClocks, case: Case, before: str | None, told: bool) -> None:
    """Turn the clocks by the case's newest entry.

    Args:
        process: the process.
        case: whose newest entry it is.
        before: the state the case was in.
        told: whether the entry made the customer hear from us.
    """
    entry = case.last
    if entry.type in MILESTONE_TYPES:
        _fire(case, entry)
    if entry.type is EntryType.NOTIFIED and process.reply_clock:
        _each(case, [process.reply_clock], lambda reading: reading.end(entry.at))
    if entry.type is EntryType.RETARGETED:
        _retarget(process, case, entry)
    if entry.led_to != before:
        _arrive(process, case, entry, process.state(before) if before else None)
    if told:
        for reading in [r for r in case.clocks.values() if r.open and r.clock.repeats]:
            _start(process, case, reading.clock, _heard(entry, reading), again=True)


def next_escalation(case: Case, by: datetime | None = None) -> Escalation | None:
    """The next rungs that any clock sets off: one, or those of one clock that were passed `by`."""
    coming = [
        (milestones[0][0], name, milestones)
        for name, each in case.clocks.items()
        if (milestones := each.coming_milestones)
    ]
    if not coming:
        return None
    first, name, milestones = min(coming, key=itemgetter(0, 1))
    until = max(first, by or first)
    return Escalation(case.clocks[name], tuple(m for m in milestones if m[0] <= until))


def retargets(process: ProcessClocks, case: Case) -> list[tuple[Clock, dict[str, JsonValue]]]:
    """Clocks whose terms are others than they run under, as forms of entries."""
    found: list[tuple[Clock, dict[str, JsonValue]]] = []
    for reading in case.clocks.values():
        terms = process.target_of(case, reading.clock)
        if reading.open and reading.breached_at is None and terms != reading.stated_target:
            new = reading.retarget(terms, case.last.at).due if terms else None
            form: dict[str, JsonValue] = {
                "clock": reading.clock.name,
                "instance": reading.instance,
                "old_due": _iso(reading.due),
                "new_due": _iso(new),
            }
            found.append((reading.clock, form))
    return found


def escalation_form(case: Case, escalation: Escalation) -> dict[str, JsonValue]:
    """An alarm as an entry's form: the clock, the rungs, who is told."""
    return {
        "clock": escalation.reading.clock.name,
        "instance": escalation.reading.instance,
        "rungs": [milestone.name for milestone in escalation.milestones],
        "tells": [*dict.fromkeys(_whom(case, role) for role in escalation.highest.tells)],
        "raises": sum(milestone.raises for milestone in escalation.milestones),
        "breach": _iso(escalation.breach),
    }


def escalation_notices(entry: Entry) -> list[Notify]:
    """Who hears of an alarm."""
    if entry.type not in MILESTONE_TYPES:
        return []
    tells = entry.form["tells"]
    whom = tells if isinstance(tells, list) else []
    return [Notify(f"clock_{entry.type.value}", str(who)) for who in whom]


def _whom(case: Case, role: str) -> str:
    if role != ASSIGNEE:
        return role
    return f"staff:{case.holder.id}" if case.holder else LEAD


def _fire(case: Case, entry: Entry) -> None:
    reading = case.clocks[str(entry.form["clock"])]
    milestones = entry.form["rungs"]
    breach = entry.form.get("breach")
    case.clocks[reading.clock.name] = reading.fire(
        [str(milestone) for milestone in milestones] if isinstance(milestones, list) else [],
        datetime.fromisoformat(breach) if isinstance(breach, str) else None,
    )
    raises = entry.form.get("raises")
    case.escalation_tier += raises if isinstance(raises, int) else 0


def _retarget(process: ProcessClocks, case: Case, entry: Entry) -> None:
    reading = case.clocks[str(entry.form["clock"])]
    terms = process.target_of(case, reading.clock)
    case.clocks[reading.clock.name] = (
        reading.retarget(terms, entry.at) if terms else reading.end(entry.at, cancelled=True)
    )


def _arrive(process: ProcessClocks, case: Case, entry: Entry, left: State | None) -> None:
    here, at = process.state(entry.led_to), entry.at
    over = [clock for clock in left.pauses if clock not in here.pauses] if left else []
    _each(case, over, lambda reading: reading.resume(at))
    _each(case, here.stops, lambda reading: reading.end(at))
    for clock in here.starts:
        _start(process, case, clock, at)
    _each(case, here.pauses, lambda reading: reading.pause(at))
    if here.closed:
        running = [reading.clock for reading in case.clocks.values()]
        _each(case, running, lambda reading: reading.end(at, cancelled=True))


def _each(
    case: Case, some: Iterable[Clock], turned: Callable[[ClockInstance], ClockInstance]
) -> None:
    for clock in some:
        if clock.name in case.clocks:
            case.clocks[clock.name] = turned(case.clocks[clock.name])


def _start(
    process: ProcessClocks, case: Case, clock: Clock, at: datetime, *, again: bool = False
) -> None:
    """A new instance, unless one is open; the first may count from the receipt."""
    before = case.clocks.get(clock.name)
    if before is not None and before.open and not again:
        return
    if before is not None and case.target_override and case.target_override.clock == clock.name:
        case.target_override = None  # it was for the instance that is over
    terms = process.target_of(case, clock)
    if terms is None:
        return
    if before is not None and not again:
        case.past.append(before)
    first = before is None and clock.from_receipt
    since = case.opening.received_at if first else at
    instance = before.instance + (not again) if before else 1
    case.clocks[clock.name] = ClockInstance(clock, instance, since, terms)


def _heard(entry: Entry, reading: ClockInstance) -> datetime:
    """When the customer heard from us: when it was due, or, after an outage, when it was seen.

    A timer that is a little late moves nothing; one that is so late that the next message would
    be due already makes one message, not many.
    """
    if entry.due_at is None or entry.detected_at is None:
        return entry.at
    late = entry.detected_at - entry.due_at
    return entry.due_at if late < reading.target.budget else entry.detected_at


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
