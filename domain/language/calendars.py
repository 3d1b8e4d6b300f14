"""Business calendars: when the time of a clock counts. All arithmetic is on UTC instants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from domain.language.values import in_zone

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
FOREVER = datetime.max.replace(tzinfo=UTC)
HORIZON = timedelta(days=3660)
AHEAD = timedelta(days=90)
"""Promises reach as far ahead; the holidays of a year are announced in November before."""


@dataclass(frozen=True)
class Hours:
    """Open hours of a day, counted from its midnight; the end may lie in the next day."""

    start: timedelta
    end: timedelta


@dataclass(frozen=True)
class Calendar:
    """When time counts. A calendar is published under an id and a version and never changed.

    Args:
        id: stable name.
        version: a new one for every change.
        zone: IANA name; None for the calendar that is always open.
        week: hours by weekday, 0 is Monday; a day that is missing is closed.
        special: hours of single dates in place of the week's: none on a holiday, some on a
            make-up workday (调休).
        holidays: the names of the dates that are closed for a holiday.
        announced_until: the last day whose holidays are known, since they are announced year by
            year; None if nothing is to be announced.
    """

    id: str
    version: str
    zone: str | None = None
    week: Mapping[int, Sequence[Hours]] = field(default_factory=dict)
    special: Mapping[date, Sequence[Hours]] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)
    announced_until: date | None = None

    @property
    def name(self) -> str:
        """Its id and version, as clocks and policies name it: `office-cn@2026-2`."""
        return f"{self.id}@{self.version}"

    def ends_soon(self, day: date) -> bool:
        """Return whether promises made on this day may reach beyond what is announced."""
        return self.announced_until is not None and day + AHEAD > self.announced_until

    def provisional_after(self, at: datetime | None) -> date | None:
        """Return the last day whose holidays are known, if a moment lies after it."""
        until = self.announced_until
        if at is None or until is None or self.zone is None:
            return None
        return until if in_zone(at, ZoneInfo(self.zone)).date() > until else None

    def spans(self, start: datetime) -> Iterator[Span]:
        """Yield the open spans from `start` on, in order and disjoint, for ten years at most."""
        if self.zone is None:
            yield start, FOREVER
            return
        zone, after = ZoneInfo(self.zone), start
        first = start.astimezone(zone).date() - DAY
        for offset in range(HORIZON.days):
            day = first + offset * DAY
            for hours in self.special.get(day, self.week.get(day.weekday(), ())):
                opens, closes = _instant(day, hours.start, zone), _instant(day, hours.end, zone)
                # Where a zone's clocks go forward, hours may reach into the next ones.
                opens = max(opens, after)
                if closes > opens:
                    yield opens, closes
                    after = closes

    def stretches(self, start: datetime, end: datetime) -> Iterator["Stretch"]:
        """Yield all time between two instants in pieces that are open, closed, or a holiday."""
        at = start
        for opens, closes in self.spans(start):
            if opens >= end:
                break
            yield from self._closed(at, opens)
            at = min(closes, end)
            yield Stretch(opens, at, is_open=True)
        yield from self._closed(at, end)

    def _closed(self, start: datetime, end: datetime) -> Iterator["Stretch"]:
        """Yield closed time, cut at the midnights at which holidays begin and end."""
        if self.zone is None or start >= end:
            return
        zone = ZoneInfo(self.zone)
        first = start.astimezone(zone).date()
        days = (first + n * DAY for n in range((end.astimezone(zone).date() - first).days + 1))
        for holiday, of_one in groupby(days, key=self.holidays.get):
            run = [*of_one]
            begins, ends = _instant(run[0], timedelta(), zone), _instant(run[-1], DAY, zone)
            if max(begins, start) < min(ends, end):
                yield Stretch(max(begins, start), min(ends, end), is_open=False, holiday=holiday)


@dataclass(frozen=True)
class Stretch:
    """A time in which a calendar is open, or closed; `holiday` is the one that it is closed for."""

    start: datetime
    end: datetime
    is_open: bool
    holiday: str | None = None


ALWAYS = Calendar("always", "1")


class NeverDue(ValueError):
    """The calendar has not enough open time in ten years for this budget."""


def worked(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Span] = ()
) -> timedelta:
    """Return how much of the time between two instants counts, pauses left out as by `due_at`."""
    total = timedelta()
    for opens, closes in calendar.spans(start):
        if opens >= end:
            break
        for begins, ends in _without((opens, min(closes, end)), pauses):
            total += ends - begins
    return total


def due_at(
    calendar: Calendar, start: datetime, budget: timedelta, pauses: Sequence[Span] = ()
) -> datetime:
    """Return the instant at which a budget of counted time is used up, pauses left out.

    Raises:
        NeverDue: not within ten years.
    """
    left = budget
    for opens, closes in calendar.spans(start):
        for begins, ends in _without((opens, closes), pauses):
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
    raise NeverDue(f"{calendar.id} {calendar.version}: {budget} from {start.isoformat()}")


def _without(span: Span, pauses: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of a span when the pauses are cut out of it."""
    begins, ends = span
    for since, until in sorted(pauses):
        if until <= begins or since >= ends:
            continue
        if since > begins:
            yield begins, since
        begins = max(begins, until)
    if begins < ends:
        yield begins, ends


def _instant(day: date, offset: timedelta, zone: ZoneInfo) -> datetime:
    """Return a wall-clock time of a day, counted from its midnight, as an instant."""
    local = datetime.combine(day, time()) + offset
    return local.replace(tzinfo=zone).astimezone(UTC)
