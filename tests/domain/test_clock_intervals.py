"""The intervals of a clock are all of its time, and those that counted are what it has used."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.language.calendars import ALWAYS
from domain.language.clocks import Clock, ClockInstance, Target
from domain.language.entries import Entry, EntryType
from domain.language.roles import Actor, ActorKind
from domain.read_models.clock_intervals import ClockInterval, IntervalSort, clock_intervals
from policies.documents import calendars
from tests.domain.test_calendar_reference import calendars as any_calendar
from tests.domain.test_calendar_reference import starts

COUNTS = {IntervalSort.COUNTED, IntervalSort.OVERDUE}
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
CHINA = calendars()["office-cn@2026-2"]
ZONE = ZoneInfo("Asia/Shanghai")


def entries(*moments: datetime) -> list[Entry]:
    """Return entries of a case by one colleague each, at these moments."""
    return [
        Entry(
            seq=seq,
            type=EntryType.STEPPED,
            step="any",
            actor=Actor(kind=ActorKind.STAFF, id=f"colleague-{seq}"),
            at=at,
            led_to="any",
        )
        for seq, at in enumerate(moments, start=1)
    ]


@st.composite
def clocks(draw: st.DrawFn) -> tuple[ClockInstance, list[Entry], datetime]:
    """A clock with pauses at odd seconds, which may be breached or ended; its entries; a moment."""
    start = draw(starts)
    cuts = sorted(draw(st.lists(st.integers(1, 9 * 86400), min_size=2, max_size=8, unique=True)))
    moments = [start + cut * SECOND for cut in cuts]
    pauses = tuple(zip(moments[:-1:2], moments[1:-1:2], strict=False))
    calendar = draw(st.one_of(any_calendar(), st.just(ALWAYS)))
    clock = ClockInstance(Clock("resolution"), 1, start, Target(HOUR, calendar), pauses)
    if draw(st.booleans()):
        clock = clock.fire(["breach"], draw(st.sampled_from([start, *moments])))
    last = moments[-1]
    if len(moments) % 2 and draw(st.booleans()):
        clock = clock.pause(last)
    if draw(st.booleans()):
        clock = clock.end(last + HOUR)
    return clock, entries(start, *moments, last + HOUR), last + draw(st.sampled_from([0, 7])) * HOUR


def begun_by(clock: ClockInstance, of: list[Entry]) -> dict[tuple[str, datetime], int]:
    begun = [since for since, _ in clock.pauses] + [clock.paused_at]
    by_moment = {each.at: each.seq for each in of}
    return {(clock.clock.name, at): by_moment[at] for at in begun if at is not None}


@settings(deadline=None)
@given(clocks())
def test_what_counted_is_what_is_used_and_nothing_is_left_out(
    given: tuple[ClockInstance, list[Entry], datetime],
) -> None:
    clock, of, at = given
    at = max(at, clock.ended_at or at)
    found = clock_intervals(clock, of, begun_by(clock, of), at)
    assert sum((each.length for each in found if each.sort in COUNTS), timedelta()) == clock.spent(
        at
    )
    assert all(one.until == two.since for one, two in pairwise(found))
    assert (found[0].since, found[-1].until) == (clock.started_at, clock.ended_at or at)
    paused = [(each.since, each.until) for each in found if each.sort is IntervalSort.PAUSED]
    assert paused == [*clock.pauses, *([(clock.paused_at, at)] if clock.paused_at else [])] or (
        clock.paused_at == at
    )
    for each in found:
        assert each.length == each.until - each.since > timedelta()
        late = clock.breached_at is not None and each.since >= clock.breached_at
        assert each.sort not in COUNTS or (each.sort is IntervalSort.OVERDUE) == late
        assert_causes(each, of)


def assert_causes(interval: ClockInterval, of: list[Entry]) -> None:
    """Check that its bounds are of the entries of those moments, and who made them."""
    for bound, at in ((interval.began, interval.since), (interval.ended, interval.until)):
        if bound is not None:
            assert of[bound.entry - 1].at == at
            assert bound.actor.id == f"colleague-{bound.entry}"
    is_pause = interval.sort is IntervalSort.PAUSED
    assert not is_pause or interval.began is not None


def test_closed_hours_and_holidays_stand_between_what_counted() -> None:
    def at(day: date, hour: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)

    start, now = at(date(2026, 9, 30), 17), at(date(2026, 10, 8), 11)
    clock = ClockInstance(Clock("resolution"), 1, start, Target(9 * HOUR, CHINA))
    found = clock_intervals(clock, entries(start), {}, now)
    assert [(each.sort.value, each.holiday, each.length // HOUR) for each in found] == [
        ("counted", None, 1),
        ("closed", None, 6),
        ("closed", "国庆节", 7 * 24),
        ("closed", None, 9),
        ("counted", None, 2),
    ]
    assert [each.began.entry if each.began else None for each in found] == [1, *[None] * 4]


def test_a_pause_from_before_a_clock_began_anew_takes_nothing_off() -> None:
    """A rewind begins a clock anew; another one, to before that, lets it have its old pauses."""
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    before, over = (start - 2 * HOUR, start - HOUR), (start - HOUR, start + HOUR)
    of = entries(before[0], over[0], start, over[1])
    begun = {("resolution", before[0]): 1, ("resolution", over[0]): 2}
    for pauses, used, sorts in (((before,), 3, ["counted"]), ((over,), 2, ["paused", "counted"])):
        clock = ClockInstance(Clock("resolution"), 1, start, Target(9 * HOUR), pauses)
        assert clock.spent(start + 3 * HOUR) == used * HOUR
        assert clock.due is not None
        assert clock.due - clock.started_at == (12 - used) * HOUR
        found = clock_intervals(clock, of, begun, start + 3 * HOUR)
        assert [each.sort.value for each in found] == sorts
        assert found[0].since == start
