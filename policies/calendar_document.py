"""The document of a business calendar: when a clock's time counts."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
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
        raise PydanticCustomError("no_such_zone", "name a zone such as Asia/Shanghai") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
"""The IANA name of a zone."""


class Document(BaseModel):
    """A part of a document; a field that it does not know is refused."""

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
    zone: Zone
    week: Mapping[Weekday, tuple[OpenHours, ...]]
    holidays: tuple[Holiday, ...] = ()
    workdays: tuple[date, ...] = ()
    workday_hours: tuple[OpenHours, ...] = ()

    def build(self) -> Calendar:
        """Return the calendar that clocks count by."""
        closed: dict[date, tuple[Hours, ...]] = {
            day: () for holiday in self.holidays for day in holiday.days()
        }
        hours = tuple(read_hours(each) for each in self.workday_hours)
        return Calendar(
            id=self.id,
            version=self.version,
            zone=self.zone,
            week={
                WEEKDAYS.index(day): tuple(read_hours(each) for each in open_hours)
                for day, open_hours in self.week.items()
            },
            special=closed | dict.fromkeys(self.workdays, hours),
        )


def read_hours(text: str) -> Hours:
    """Return open hours, read from how documents write them."""
    start, end = text.split("-")
    return Hours(_time(start), _time(end))


def _time(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
