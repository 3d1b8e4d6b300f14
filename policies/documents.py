"""Reads the published documents, and hands their policies in to the kinds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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


class Title(Document):
    """What something is called on screen, in each language."""

    zh_CN: str  # noqa: N815 — the name of the language, as everywhere
    en: str

    def said(self, locale: str) -> str:
        """Return it in a language."""
        return self.en if locale == "en" else self.zh_CN


class Holiday(Document):
    """Days on which nothing is open, the last one included."""

    name: str
    title: Title | None = None
    first: date
    last: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.name} ends before it begins")
        return self

    def days(self) -> Iterator[date]:
        """Yield each of the days."""
        yield from (self.first + n * DAY for n in range((self.last - self.first).days + 1))


class CalendarDocument(Document):
    """A business calendar: when a clock's time counts.

    Args:
        id: stable name.
        version: a new one for every change.
        title: what it is called on screen.
        zone: IANA name of the zone whose days these are.
        announced_until: the last day whose holidays are announced; null if none need to be. A
            document that does not say has them until the end of the year of its last holiday.
        source: where the holidays were announced.
        week: the open hours of each weekday; a day that is not named is closed.
        holidays: closed days.
        workdays: make-up workdays (调休), which are open whatever the weekday is.
        workday_hours: the open hours of those.
    """

    id: str
    version: str
    title: Title | None = None
    zone: str
    announced_until: date | None = None
    source: str = ""
    week: Mapping[Weekday, tuple[OpenHours, ...]]
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()
    workday_hours: tuple[OpenHours, ...] = ()

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no zone {zone}") from error
        return zone

    @model_validator(mode="after")
    def _days_are_of_one_sort(self) -> Self:
        closed = [day for holiday in self.holidays for day in holiday.days()]
        days = [*closed, *self.workdays]
        if twice := sorted({str(day) for day in days if days.count(day) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        if self.workdays and not self.workday_hours:
            raise ValueError("there are workdays and no workday_hours")
        return self

    @model_validator(mode="after")
    def _hours_do_not_meet(self) -> Self:
        """Refuse hours that overlap, those of the night before included: they would count twice."""
        of_days = [_day_hours(self.week.get(day, ())) for day in WEEKDAYS]
        of_workdays = _day_hours(self.workday_hours)
        neighbours = [*zip(of_days, of_days[1:] + of_days[:1], strict=True)]
        if self.workdays:
            neighbours += [(of_workdays, each) for each in [*of_days, of_workdays]]
            neighbours += [(each, of_workdays) for each in of_days]
        for one, next_one in neighbours:
            if one and next_one and one[-1].end > next_one[0].start + DAY:
                raise ValueError("hours after midnight overlap those of the next day")
        return self

    @property
    def known_until(self) -> date | None:
        """The last day whose holidays are announced, by the document or by its last holiday."""
        if "announced_until" in self.model_fields_set:
            return self.announced_until
        last = max((each.last for each in self.holidays), default=None)
        return None if last is None else date(last.year, 12, 31)

    def build(self) -> Calendar:
        """Return the calendar that clocks count by."""
        names = {day: holiday.name for holiday in self.holidays for day in holiday.days()}
        closed: dict[date, tuple[Hours, ...]] = dict.fromkeys(names, ())
        hours = _day_hours(self.workday_hours)
        return Calendar(
            id=self.id,
            version=self.version,
            zone=self.zone,
            week={
                WEEKDAYS.index(day): _day_hours(open_hours) for day, open_hours in self.week.items()
            },
            special=closed | dict.fromkeys(self.workdays, hours),
            holidays=names,
            announced_until=self.known_until,
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


ALWAYS_TITLE: Final = Title(zh_CN="全天计时", en="around the clock")


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
    built = (ALWAYS, *(each.build() for each in calendar_documents().values()))
    return MappingProxyType({each.name: each for each in built})


@cache
def calendar_documents() -> Mapping[str, CalendarDocument]:
    """Return the document of every published calendar by `id@version`."""
    documents = (CalendarDocument.model_validate(each) for each in raw_documents("calendars"))
    return MappingProxyType({f"{each.id}@{each.version}": each for each in documents})


def calendar_title(name: str, locale: str) -> str:
    """Return what a calendar is called on screen; its bare name if this release lacks it."""
    if name == ALWAYS.name:
        return ALWAYS_TITLE.said(locale)
    document = calendar_documents().get(name)
    return document.title.said(locale) if document and document.title else name


def holiday_title(name: str, holiday: str, locale: str) -> str:
    """Return what a holiday of a calendar is called on screen."""
    document = calendar_documents().get(name)
    titles = (each.title for each in document.holidays if each.name == holiday) if document else ()
    title = next(iter(titles), None)
    return title.said(locale) if title else holiday


def provisional_after(name: str, due: datetime | None) -> date | None:
    """Return the last day whose holidays a calendar knows, if a due time lies after it."""
    calendar = calendars().get(name)
    return calendar.provisional_after(due) if calendar else None


def raw_documents(folder: str) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a folder as they are written, in the order of their file names."""
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


def _day_hours(texts: Sequence[str]) -> tuple[Hours, ...]:
    """Return the open hours of a day in their order.

    Raises:
        ValueError: they overlap, or end before they begin, or are of no length.
    """
    hours = tuple(Hours(*map(_time, text.split("-"))) for text in texts)
    bounds = [bound for each in hours for bound in (each.start, each.end)]
    if bounds != sorted(bounds) or any(each.start == each.end for each in hours):
        raise ValueError(f"not in order, or they overlap: {', '.join(texts)}")
    if hours and (hours[0].start >= DAY or hours[-1].end > 2 * DAY):
        raise ValueError(f"they are not of one day and its night: {', '.join(texts)}")
    return hours


def _time(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
