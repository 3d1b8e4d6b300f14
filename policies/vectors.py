"""Deadline vectors: worked examples of when something is due, and whether they come out so.

A vector names its calendar, a start and a budget, maybe pauses, and says when it is due. Instead
of a budget it may name a `clock` of a policy, and `facts` of a case: then the policy is tried.
Times are local to the calendar's zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from cases.common.policy import Policy
from domain.language.calendars import Calendar, Hours, NeverDue, due_at
from domain.language.values import Duration
from policies.calendar_document import Document, OpenHours, Zone, day_hours

UTC_NAME = "UTC"


def _local(value: object) -> object:
    """Refuse a moment that is no text, or that has a zone: the calendar's is meant."""
    if not isinstance(value, str) or len(value) < len("2026-01-01T00:00"):
        raise PydanticCustomError("local_time", "write a local time such as 2026-03-03T10:00")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise PydanticCustomError("local_time", "write a local time such as 2026-03-03T10:00")
    return read


Local = Annotated[datetime, BeforeValidator(_local)]
Days = Annotated[str, Field(pattern=r"^[0-6](-[0-6])?$")]
"""Weekdays, 0 for Monday: one, or from the first to the last (`0-4`)."""


class VectorCalendar(Document):
    """A calendar of vectors: its zone, the open hours of its weekdays, its closed days."""

    zone: Zone
    week: Mapping[Days, tuple[OpenHours, ...]]
    closed: tuple[date, ...] = ()

    def build(self, name: str) -> Calendar:
        """Return the calendar that clocks count by."""
        week: dict[int, tuple[Hours, ...]] = {}
        for days, hours in self.week.items():
            first, _, last = days.partition("-")
            for day in range(int(first), int(last or first) + 1):
                week[day] = day_hours(hours)
        return Calendar(name, "1", self.zone, week, dict.fromkeys(self.closed, ()))


class Vector(Document):
    """One worked example; `due` is what comes out, or None if nothing is promised."""

    name: str
    calendar: str | None = None
    start: Local
    budget: Duration | None = None
    clock: str | None = None
    facts: Mapping[str, str] = {}
    pauses: tuple[tuple[Local, Local], ...] = ()
    due: Local | None

    @model_validator(mode="after")
    def _budget_or_clock(self) -> Self:
        if (self.budget is None) == (self.clock is None):
            raise PydanticCustomError("budget_or_clock", "give either 'budget' or 'clock'")
        if self.budget is not None and self.calendar is None:
            raise PydanticCustomError("calendar_missing", "name the 'calendar' of the budget")
        return self


class VectorDocument(Document):
    """Vectors, and the calendars that they bring along beside the published ones."""

    about: str = ""
    calendars: Mapping[str, VectorCalendar] = {}
    vectors: Annotated[tuple[Vector, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Tried:
    """What came of a vector: when it says it is due, and when it is.

    `fault` is why it cannot be tried.
    """

    name: str
    expected: datetime | None
    came_out: datetime | None
    fault: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it came out as it says."""
        return self.fault is None and self.expected == self.came_out


def try_vectors(
    document: VectorDocument, policy: Policy, published: Mapping[str, Calendar]
) -> Iterator[Tried]:
    """Yield what comes of each vector; those that name a clock are promised by the policy."""
    own = {name: each.build(name) for name, each in document.calendars.items()}
    for vector in document.vectors:
        yield _try(vector, policy, {**published, **own})


def _try(vector: Vector, policy: Policy, calendars: Mapping[str, Calendar]) -> Tried:
    calendar = calendars.get(vector.calendar) if vector.calendar else policy.calendar
    zone = ZoneInfo(calendar.zone or UTC_NAME) if calendar else UTC
    expected = vector.due.replace(tzinfo=zone) if vector.due else None
    if calendar is None:
        return Tried(vector.name, expected, None, f"there is no calendar {vector.calendar}")
    budget = vector.budget
    if vector.clock is not None:
        if vector.clock not in policy.budgets:
            return Tried(vector.name, expected, None, f"there is no clock {vector.clock}")
        decided = policy.budgets[vector.clock].decide(vector.facts)
        budget = decided.value if decided else None
    if budget is None:
        return Tried(vector.name, expected, None)

    def at(local: datetime) -> datetime:
        return local.replace(tzinfo=zone).astimezone(UTC)

    pauses = [(at(since), at(until)) for since, until in vector.pauses]
    try:
        due = due_at(calendar, at(vector.start), budget, pauses)
    except NeverDue:
        return Tried(vector.name, expected, None, "the calendar never opens")
    return Tried(vector.name, expected, due.astimezone(zone))
