"""Reads the published documents, and hands their policies in to the kinds."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.common.policy import Policy, publish
from domain.language.calendars import ALWAYS, Calendar, Hours
from domain.language.clocks import Milestone, Retarget
from domain.language.entries import EntryType

DEFAULT: Final = "2026-1"
"""The policy that new cases are opened under, unless `BANJIE_POLICY` names another one."""

DAY: Final = timedelta(days=1)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
OpenHours = Annotated[str, Field(pattern=r"^[0-4]\d:[0-5]\d-[0-4]\d:[0-5]\d$")]
"""`09:00-18:00`; an end after midnight counts on: `22:00-30:00`."""


class Document(BaseModel):
    """A published document; a field that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Holiday(Document):
    """Days on which nothing is open, the last one included."""

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield each of the days."""
        yield from (self.first + n * DAY for n in range((self.last - self.first).days + 1))


class CalendarDocument(Document):
    """A business calendar: when a clock's time counts.

    Args:
        id: stable name.
        version: a new one for every change.
        zone: IANA name of the zone whose days these are.
        week: the open hours of each weekday; a day that is not named is closed.
        holidays: closed days.
        workdays: make-up workdays (调休), which are open whatever the weekday is.
        workday_hours: the open hours of those.
    """

    id: str
    version: str
    zone: str
    week: Mapping[Weekday, tuple[OpenHours, ...]]
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()
    workday_hours: tuple[OpenHours, ...] = ()

    def build(self) -> Calendar:
        """Return the calendar that clocks count by."""
        closed: dict[date, tuple[Hours, ...]] = {
            day: () for holiday in self.holidays for day in holiday.days()
        }
        hours = tuple(_hours(each) for each in self.workday_hours)
        return Calendar(
            id=self.id,
            version=self.version,
            zone=self.zone,
            week={
                WEEKDAYS.index(day): tuple(_hours(each) for each in open_hours)
                for day, open_hours in self.week.items()
            },
            special=closed | dict.fromkeys(self.workdays, hours),
        )


class MilestoneDocument(Document):
    """What happens when so much of a budget is used up.

    Args:
        name: stable, as histories keep it.
        entry: the type of the entry that it makes.
        share: of the budget, in the clock's own time.
        later: elapsed time on top of that.
        notifies: roles; "assignee" is whoever holds the case, or the lead while nobody does.
        escalates_by: by how many tiers it raises who may take the case.
    """

    name: str
    entry: Literal["warned", "breached", "escalated", "informed"]
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    later: timedelta = timedelta()
    notifies: tuple[str, ...] = ()
    escalates_by: Annotated[int, Field(ge=0)] = 0

    def build(self) -> Milestone:
        """Return the milestone as clocks know it."""
        return Milestone(
            self.name,
            EntryType(self.entry),
            share=self.share,
            later=self.later,
            tells=self.notifies,
            raises=self.escalates_by,
        )


class ClockDocument(Document):
    """What is promised for a clock: a budget in its own time, its source, and its ladder."""

    budget: timedelta
    source: str
    ladder: str


class PolicyDocument(Document):
    """A policy: what is promised for each clock.

    Args:
        version: under which a case keeps it.
        title: in words.
        calendar: when time counts, as `id@version`.
        retarget: from when another target counts for a clock that runs already.
        clocks: by name.
        ladders: lists of milestones, by the name that clocks use.
    """

    version: str
    title: str
    calendar: str
    retarget: Literal["from_start", "from_now", "remaining_ratio"] = "from_start"
    clocks: Mapping[str, ClockDocument]
    ladders: Mapping[str, tuple[MilestoneDocument, ...]]

    @model_validator(mode="after")
    def _ladders_are_there(self) -> Self:
        if missing := {clock.ladder for clock in self.clocks.values()} - set(self.ladders):
            raise ValueError(f"there is no ladder {', '.join(sorted(missing))}")
        return self

    def build(self, calendars: Mapping[str, Calendar]) -> Policy:
        """Return the policy as the kinds know it."""
        ladders = {
            name: tuple(each.build() for each in milestones)
            for name, milestones in self.ladders.items()
        }
        return Policy(
            version=self.version,
            budgets={name: clock.budget for name, clock in self.clocks.items()},
            milestones={name: ladders[clock.ladder] for name, clock in self.clocks.items()},
            calendar=calendars[self.calendar],
            retarget=Retarget(self.retarget),
        )


def hand_in() -> None:
    """Make the published policies known to the kinds, in this process; again changes nothing."""
    publish(policies().values())


@cache
def policies() -> Mapping[str, Policy]:
    """Return every published policy by its version."""
    documents = (PolicyDocument.model_validate(each) for each in raw_documents("published"))
    return MappingProxyType({each.version: each.build(calendars()) for each in documents})


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return every published calendar by `id@version`, the one that is always open included."""
    documents = (CalendarDocument.model_validate(each) for each in raw_documents("calendars"))
    built = (ALWAYS, *(each.build() for each in documents))
    return MappingProxyType({f"{each.id}@{each.version}": each for each in built})


def raw_documents(folder: str) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a folder as they are written, in the order of their file names."""
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


def _hours(text: str) -> Hours:
    start, end = text.split("-")
    return Hours(_time(start), _time(end))


def _time(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
