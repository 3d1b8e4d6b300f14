"""The arithmetic of calendars against a slow reference that looks at each quarter of an hour."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.language.calendars import Calendar, Hours, NeverDue, Stretch, due_at, worked

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15
"""All bounds lie on quarters of an hour, and so the reference may look at those only."""
BEGIN = date(2026, 3, 20)
"""Nine days later the clocks go forward in Berlin."""
DAYS = 21
SLOWLY = settings(deadline=None, max_examples=60)
"""The reference takes its time."""
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")


@st.composite
def opening_hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    """The hours of a day: none, several, or such that end in the next morning."""
    cuts = sorted(draw(st.lists(st.integers(0, 95), max_size=6, unique=True)))
    spans = [*zip(cuts[::2], cuts[1::2], strict=False)]
    if draw(st.booleans()) and (not spans or spans[-1][1] < 88):
        spans.append((90, 96 + draw(st.integers(1, 30))))
    return tuple(Hours(one * QUARTER * MINUTE, two * QUARTER * MINUTE) for one, two in spans)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar, with holidays and make-up workdays among the days that are looked at."""
    of_days = st.integers(0, DAYS).map(lambda n: BEGIN + n * DAY)
    holidays = draw(st.sets(of_days, max_size=5))
    workdays = draw(st.dictionaries(of_days, opening_hours(), max_size=3))
    return Calendar(
        "any",
        "1",
        draw(st.sampled_from(ZONES)),
        {day: draw(opening_hours()) for day in range(7)},
        {**dict.fromkeys(holidays, ()), **workdays},
        dict.fromkeys(holidays - set(workdays), "holiday"),
    )


def open_instants(calendar: Calendar) -> set[datetime]:
    """Return each quarter of an hour that is open, found by the wall clock of each day."""
    assert calendar.zone
    zone, found = ZoneInfo(calendar.zone), set[datetime]()
    for day in (BEGIN + n * DAY for n in range(-2, DAYS + 30)):
        for hours in calendar.special.get(day, calendar.week.get(day.weekday(), ())):
            at, closes = instant(day, hours.start, zone), instant(day, hours.end, zone)
            while at < closes:
                found.add(at)
                at += QUARTER * MINUTE
    return found


def instant(day: date, since_midnight: timedelta, zone: ZoneInfo) -> datetime:
    """Return a wall-clock time as an instant, by way of its own day."""
    extra, rest = divmod(since_midnight, DAY)
    hour, minute = divmod(rest // MINUTE, 60)
    return datetime.combine(day + extra * DAY, time(hour, minute), tzinfo=zone).astimezone(UTC)


starts = st.integers(0, DAYS * 96 - 1).map(
    lambda n: datetime(BEGIN.year, BEGIN.month, BEGIN.day, tzinfo=UTC) + n * QUARTER * MINUTE
)
lengths = st.integers(1, 10 * 96).map(lambda n: n * QUARTER * MINUTE)


def quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += QUARTER * MINUTE


@SLOWLY
@given(calendars(), starts, lengths)
def test_what_counts_is_what_is_open(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    is_open = open_instants(calendar)
    slow = sum(at in is_open for at in quarters(start, start + length))
    assert worked(calendar, start, start + length) == slow * QUARTER * MINUTE


@SLOWLY
@given(calendars(), starts, st.integers(1, 200), starts, lengths)
def test_it_is_due_when_so_much_was_open_and_not_paused(
    calendar: Calendar, start: datetime, budget: int, paused: datetime, length: timedelta
) -> None:
    pauses = [(max(paused, start), max(paused, start) + length)]
    is_open, left = open_instants(calendar), budget
    for at in quarters(start, start + (DAYS + 7) * DAY):
        if at in is_open and not any(since <= at < until for since, until in pauses):
            left -= 1
        if left == 0:
            due = due_at(calendar, start, budget * QUARTER * MINUTE, pauses)
            assert due == at + QUARTER * MINUTE
            return
    if not any(calendar.week.values()):
        with pytest.raises(NeverDue):
            due_at(calendar, start, budget * QUARTER * MINUTE + 50 * DAY, pauses)


@SLOWLY
@given(calendars(), starts, lengths)
def test_stretches_are_all_of_the_time_and_those_that_are_open_count(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    found = [*calendar.stretches(start, start + length)]
    assert [each.start for each in found] == [start, *(each.end for each in found[:-1])]
    assert found[-1].end == start + length
    counted = sum((each.end - each.start for each in found if each.is_open), timedelta())
    assert counted == worked(calendar, start, start + length)
    assert calendar.zone
    zone = ZoneInfo(calendar.zone)
    for each in found:
        assert each.start < each.end
        local = [at.astimezone(zone).date() for at in quarters(each.start, each.end)]
        if not each.is_open:
            assert {calendar.holidays.get(day) for day in local} == {each.holiday}


WEEKDAYS: Mapping[int, Sequence[Hours]] = dict.fromkeys(range(5), (Hours(9 * HOUR, 18 * HOUR),))
SHIFTS = dict.fromkeys(
    range(7), (Hours(6 * HOUR, 10 * HOUR), Hours(12 * HOUR, 14 * HOUR), Hours(22 * HOUR, 28 * HOUR))
)
NIGHTS = dict.fromkeys(range(7), (Hours(22 * HOUR, 30 * HOUR),))
FESTIVAL = dict.fromkeys((date(2026, 10, 1), date(2026, 10, 2)), "festival")
CHINA = Calendar(
    "china", "1", "Asia/Shanghai", WEEKDAYS,
    {**dict.fromkeys(FESTIVAL, ()), date(2026, 10, 3): (Hours(10 * HOUR, 12 * HOUR),)}, FESTIVAL,
)  # fmt: skip
GAP = Calendar(
    "gap", "1", "Europe/Berlin",
    {6: (Hours(1 * HOUR, 2.5 * HOUR), Hours(3 * HOUR, 5 * HOUR))},
)  # fmt: skip
"""On the Sunday on which the clocks go forward, half past two is half past three."""


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        (Calendar("s", "1", "Asia/Shanghai", SHIFTS), "2026-03-02T09:30", 3, "2026-03-02T22:30"),
        (Calendar("s", "1", "Asia/Shanghai", SHIFTS), "2026-03-02T03:00", 3, "2026-03-02T08:00"),
        (Calendar("n", "1", "Europe/Berlin", NIGHTS), "2026-03-28T20:00", 8, "2026-03-29T23:00"),
        (Calendar("n", "1", "Europe/Berlin", NIGHTS), "2026-03-28T20:00", 7, "2026-03-29T06:00"),
        (Calendar("n", "1", "Europe/Berlin", NIGHTS), "2026-10-24T20:00", 9, "2026-10-25T06:00"),
        (CHINA, "2026-09-30T17:00", 2, "2026-10-03T11:00"),
        (CHINA, "2026-10-03T11:00", 2, "2026-10-05T10:00"),
        (GAP, "2026-03-29T00:00", 2.5, "2026-03-29T04:30"),
    ],
)  # fmt: skip
def test_shifts_nights_and_changes_of_the_clocks(
    calendar: Calendar, start: str, hours: float, due: str
) -> None:
    assert calendar.zone
    zone = ZoneInfo(calendar.zone)
    begins = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    assert due_at(calendar, begins, hours * HOUR).astimezone(zone).isoformat()[:16] == due


def test_a_closed_time_names_its_holiday_from_midnight_to_midnight() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    start, end = (datetime(2026, month, day, 17, tzinfo=zone).astimezone(UTC)
                  for month, day in ((9, 30), (10, 3)))  # fmt: skip

    def row(each: Stretch) -> tuple[str, str, bool, str | None]:
        bounds = (f"{at.astimezone(zone):%d %H}" for at in (each.start, each.end))
        return (*bounds, each.is_open, each.holiday)  # type: ignore[return-value]

    assert [row(each) for each in CHINA.stretches(start, end)] == [
        ("30 17", "30 18", True, None),
        ("30 18", "01 00", False, None),
        ("01 00", "03 00", False, "festival"),
        ("03 00", "03 10", False, None),
        ("03 10", "03 12", True, None),
        ("03 12", "03 17", False, None),
    ]
