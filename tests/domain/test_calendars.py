"""Calendars: worked vectors, and properties that any calendar must have."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.language.calendars import ALWAYS, Calendar, Hours, NeverDue, due_at, worked

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "sla_vectors.json"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NINE_TO_FIVE = {day: (Hours(9 * HOUR, 17 * HOUR),) for day in range(5)}
OFFICE = Calendar("office", "1", "Europe/Berlin", NINE_TO_FIVE)
NIGHTS = Calendar(
    "nights", "1", "Asia/Shanghai", {d: (Hours(22 * HOUR, 30 * HOUR),) for d in range(7)}
)
SPLIT = Calendar(
    "split",
    "1",
    "Asia/Shanghai",
    {d: (Hours(9 * HOUR, 12 * HOUR), Hours(13 * HOUR, 18 * HOUR)) for d in range(5)},
    {date(2026, 2, 16): (), date(2026, 2, 14): (Hours(9 * HOUR, 18 * HOUR),)},
)
CALENDARS = (ALWAYS, OFFICE, NIGHTS, SPLIT)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

calendars = st.sampled_from(CALENDARS)
instants = st.integers(0, 90 * 24 * 60).map(lambda minutes: BEGIN + minutes * MINUTE)
budgets = st.integers(1, 100 * 60).map(lambda minutes: minutes * MINUTE)


@st.composite
def paused(draw: st.DrawFn) -> tuple[datetime, list[tuple[datetime, datetime]]]:
    """A start, and pauses after it that do not overlap."""
    start = draw(instants)
    cuts = sorted(draw(st.lists(st.integers(0, 20 * 24 * 60), max_size=6, unique=True)))
    moments = [start + cut * MINUTE for cut in cuts]
    return start, list(zip(moments[::2], moments[1::2], strict=False))


@given(calendars, paused(), budgets)
def test_what_counts_until_due_less_the_pauses_is_the_budget(
    calendar: Calendar,
    given: tuple[datetime, list[tuple[datetime, datetime]]],
    budget: timedelta,
) -> None:
    start, pauses = given
    due = due_at(calendar, start, budget, pauses)
    before = [(since, min(until, due)) for since, until in pauses if since < due]
    lost = sum((worked(calendar, *pause) for pause in before), timedelta())
    assert worked(calendar, start, due) - lost == budget


@given(calendars, instants, budgets, budgets)
def test_a_larger_budget_is_due_later(
    calendar: Calendar, start: datetime, one: timedelta, more: timedelta
) -> None:
    assert due_at(calendar, start, one) < due_at(calendar, start, one + more)


@given(calendars, paused(), budgets)
def test_a_pause_never_makes_it_earlier_and_splitting_it_changes_nothing(
    calendar: Calendar,
    given: tuple[datetime, list[tuple[datetime, datetime]]],
    budget: timedelta,
) -> None:
    start, pauses = given
    due = due_at(calendar, start, budget, pauses)
    assert due >= due_at(calendar, start, budget, pauses[:-1])
    split = [part for a, b in pauses for part in ((a, a + (b - a) / 2), (a + (b - a) / 2, b))]
    assert due_at(calendar, start, budget, split) == due


def test_a_pause_outside_hours_changes_nothing() -> None:
    friday = datetime(2026, 2, 6, 15, tzinfo=UTC)
    weekend = (datetime(2026, 2, 6, 17, tzinfo=UTC), datetime(2026, 2, 8, 17, tzinfo=UTC))
    assert due_at(OFFICE, friday, 4 * HOUR, [weekend]) == due_at(OFFICE, friday, 4 * HOUR)


def test_a_holiday_is_closed_and_a_make_up_day_is_open() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 2, day, hour, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)

    assert due_at(SPLIT, at(13, 17), 2 * HOUR) == at(14, 10)
    assert due_at(SPLIT, at(14, 17), 2 * HOUR) == at(17, 10)


def test_a_night_shift_belongs_to_the_evening_it_began() -> None:
    one_in_the_night = datetime(2026, 3, 2, 17, tzinfo=UTC)
    assert worked(NIGHTS, one_in_the_night, one_in_the_night + DAY) == 8 * HOUR


def test_a_calendar_that_never_opens_is_an_error() -> None:
    with pytest.raises(NeverDue):
        due_at(Calendar("shut", "1", "UTC"), BEGIN, HOUR)


@pytest.mark.skipif(not VECTORS.exists(), reason="the worked vectors lie beside the project")
def test_the_worked_vectors() -> None:
    data = json.loads(VECTORS.read_text(encoding="utf-8"))
    known = {name: _calendar(name, given) for name, given in data["calendars"].items()}
    assert len(data["vectors"]) >= 7
    for vector in data["vectors"]:
        calendar = known[vector["calendar"]]
        pauses = [(_at(calendar, a), _at(calendar, b)) for a, b in vector.get("pauses", [])]
        budget = _duration(vector["budget"])
        due = due_at(calendar, _at(calendar, vector["start"]), budget, pauses)
        assert due == _at(calendar, vector["due"]), vector["name"]


def _calendar(name: str, given: dict[str, dict[str, list[str]]]) -> Calendar:
    week = {}
    for days, hours in given["week"].items():
        first, _, last = days.partition("-")
        for day in range(int(first), int(last or first) + 1):
            week[day] = tuple(Hours(*map(_clock, each.split("-"))) for each in hours)
    closed = {date.fromisoformat(day): () for day in given.get("closed", [])}
    return Calendar(name, "1", str(given["zone"]), week, closed)


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", text)
    assert match, text
    return timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))


def _at(calendar: Calendar, text: str) -> datetime:
    assert calendar.zone
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "after"),
    [
        ("2026-12-31T23:59:59+08:00", None),
        ("2027-01-01T00:00:00+08:00", date(2026, 12, 31)),
        ("2026-12-31T16:00:00+00:00", date(2026, 12, 31)),
        ("9999-12-31T23:59:59+00:00", date(2026, 12, 31)),
    ],
)
def test_after_the_last_announced_year_a_due_moment_is_provisional(
    due: str, after: date | None
) -> None:
    office = Calendar("office", "1", "Asia/Shanghai", announced_until=date(2026, 12, 31))
    assert office.provisional_after(datetime.fromisoformat(due)) == after


def test_what_needs_no_announcement_is_never_provisional() -> None:
    assert ALWAYS.provisional_after(datetime.max.replace(tzinfo=UTC)) is None
    assert Calendar("week", "1", zone="Asia/Shanghai").provisional_after(None) is None
