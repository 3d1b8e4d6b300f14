"""The spans of time that reports count in, as the business's calendar has them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from zoneinfo import ZoneInfo

from store.reports.records import Span

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Period(StrEnum):
    """How long a span is; weeks begin on Monday."""

    DAY = auto()
    WEEK = auto()
    MONTH = auto()


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return a day of a zone; where the clocks change it has 23 or 25 hours."""
    return Span(_midnight(day, zone), _midnight(day + DAY, zone))


def hours_of(day: date, zone: ZoneInfo) -> list[Span]:
    """Return the hours of a day of a zone."""
    since, until = day_span(day, zone)
    hours: list[Span] = []
    while since < until:
        hours.append(Span(since, min(since + HOUR, until)))
        since += HOUR
    return hours


def period_spans(period: Period, first: date, last: date, zone: ZoneInfo) -> dict[date, Span]:
    """Return the spans from a day to a day, both counted, each by its first day.

    The first and the last week or month are cut off by these days.
    """
    starts = [*_starts(period, first, last)]
    ends = [*starts[1:], last + DAY]
    return {
        start: Span(_midnight(start, zone), _midnight(end, zone))
        for start, end in zip(starts, ends, strict=True)
    }


def _starts(period: Period, first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day = _next_start(period, day)


def _next_start(period: Period, day: date) -> date:
    if period is Period.DAY:
        return day + DAY
    if period is Period.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
