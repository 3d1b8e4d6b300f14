"""The document of a business calendar: when a clock's time counts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from domain.language.calendars import Calendar, Hours

DAY: Final = timedelta(days=1)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
OpenHours = Annotated[str, Field(pattern=r"^[0-4]\d:[0-5]\d-[0-4]\d:[0-5]\d$")]
"""`09:00-18:00`; an end after midnight counts on: `22:00-30:00`."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        params = {"name": name}
        raise PydanticCustomError("no_such_zone", "there is no zone {name}", params) from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
"""The IANA name of a zone."""


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
    zone: Zone
    announced_until: date | None = None
    source: str = ""
    week: Mapping[Weekday, tuple[OpenHours, ...]]
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()
    workday_hours: tuple[OpenHours, ...] = ()

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
        of_days = [day_hours(self.week.get(day, ())) for day in WEEKDAYS]
        of_workdays = day_hours(self.workday_hours)
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
        hours = day_hours(self.workday_hours)
        return Calendar(
            id=self.id,
            version=self.version,
            zone=self.zone,
            week={
                WEEKDAYS.index(day): day_hours(open_hours) for day, open_hours in self.week.items()
            },
            special=closed | dict.fromkeys(self.workdays, hours),
            holidays=names,
            announced_until=self.known_until,
        )


def day_hours(texts: Sequence[str]) -> tuple[Hours, ...]:
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
