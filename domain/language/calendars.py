"""Business calendars: when the time of a clock counts. All arithmetic is on UTC instants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.language.values import in_zone

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
FOREVER = datetime.max.replace(tzinfo=UTC)
HORIZON = timedelta(days=3660)


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
    """

    id: str
    version: str
    zone: str | None = None
    week: Mapping[int, Sequence[Hours]] = field(default_factory=dict)
    special: Mapping[date, Sequence[Hours]] = field(default_factory=dict)

    @property
    def announced_until(self) -> date | None:
        """The last day whose holidays are known: they are announced year by year.

        None if the calendar has no single dates, and so nothing is to be announced.
        """
        last = max(self.special, default=None)
        return None if last is None else date(last.year, 12, 31)

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
        zone = ZoneInfo(self.zone)
        first = start.astimezone(zone).date() - DAY
        for offset in range(HORIZON.days):
            day = first + offset * DAY
            for hours in self.special.get(day, self.week.get(day.weekday(), ())):
                opens, closes = _instant(day, hours.start, zone), _instant(day, hours.end, zone)
                if closes > max(start, opens):
                    yield max(opens, start), closes


ALWAYS = Calendar("always", "1")


class NeverDue(ValueError):
    """The calendar has not enough open time in ten years for this budget."""


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much of the time between two instants counts."""
    total = timedelta()
    for opens, closes in calendar.spans(start):
        if opens >= end:
            break
        total += min(closes, end) - opens
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
