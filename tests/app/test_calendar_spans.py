"""Days, weeks, months and hours by the calendar of a zone, also where its clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar_spans import Period, day_span, hours_of, period_spans

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
LORD_HOWE, HAVANA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Havana")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOUR = timedelta(hours=1)


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert day_span(date(2026, 3, 4), SHANGHAI) == (
        datetime(2026, 3, 3, 16, tzinfo=UTC),
        datetime(2026, 3, 4, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("day", "zone", "lengths"),
    [
        (SPRING, BERLIN, [HOUR] * 23),
        (AUTUMN, BERLIN, [HOUR] * 25),
        (date(2026, 4, 5), LORD_HOWE, [*[HOUR] * 24, HOUR / 2]),
        (date(2026, 3, 8), HAVANA, [HOUR] * 23),
    ],
)
def test_where_clocks_change_a_day_has_other_hours(
    day: date, zone: ZoneInfo, lengths: list[timedelta]
) -> None:
    hours = hours_of(day, zone)
    assert [hour.until - hour.since for hour in hours] == lengths
    assert (hours[0].since, hours[-1].until) == day_span(day, zone)
    assert all(one.until == other.since for one, other in pairwise(hours))


def test_weeks_begin_on_monday_and_are_cut_off_at_both_ends() -> None:
    spans = period_spans(Period.WEEK, date(2026, 3, 4), date(2026, 3, 17), SHANGHAI)
    assert [*spans] == [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16)]
    assert spans[date(2026, 3, 16)].until == datetime(2026, 3, 17, 16, tzinfo=UTC)


def test_months_have_their_own_lengths() -> None:
    spans = period_spans(Period.MONTH, date(2026, 1, 31), date(2026, 3, 1), BERLIN)
    assert [*spans] == [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)]
    assert spans[date(2026, 2, 1)].until == datetime(2026, 2, 28, 23, tzinfo=UTC)


@given(
    period=st.sampled_from(Period),
    first=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    days=st.integers(0, 399),
    zone=st.sampled_from([SHANGHAI, BERLIN, LORD_HOWE, HAVANA, ZoneInfo("Asia/Kathmandu")]),
)
def test_spans_cover_the_days_without_gaps(
    period: Period, first: date, days: int, zone: ZoneInfo
) -> None:
    last = first + timedelta(days=days)
    spans = period_spans(period, first, last, zone)
    assert next(iter(spans)) == first
    assert all(one.until == other.since for one, other in pairwise(spans.values()))
    assert next(iter(spans.values())).since == day_span(first, zone).since
    assert [*spans.values()][-1].until == day_span(last, zone).until
    for start in [*spans][1:]:
        assert period is Period.DAY or start.day == 1 or start.weekday() == 0
