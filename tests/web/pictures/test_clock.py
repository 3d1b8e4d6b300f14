"""The bar of a clock: its parts are all of its time, and those that count are what it used."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from cases import CURRENT, stories_of
from domain.language.calendars import worked
from domain.language.clocks import Clock, ClockInstance, ClockState, Target
from domain.read_models.clock_intervals import IntervalSort, clock_intervals
from domain.read_models.explain import Explanation, explain
from domain.stories import play
from i18n.labels import LOCALES, label
from policies.documents import calendars
from tests.domain.case_driver import CaseDriver
from web.pages.cases.clocks import clock_runs
from web.pictures.clock import MOST, Sort, clock_picture, parts_of

ZONE = ZoneInfo("Asia/Shanghai")
SVG = "{http://www.w3.org/2000/svg}"
HOUR = timedelta(hours=1)
COUNTS = {IntervalSort.COUNTED, IntervalSort.OVERDUE}
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine o'clock in the morning in China."""


def told_clocks() -> Iterator[tuple[Explanation, datetime]]:
    """Yield all clocks of all stories, as they stand at some moments."""
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            case = play(process, story, f"{process.prefix}1").case
            for at in (case.last.at, case.last.at + timedelta(days=3)):
                yield from ((clock, at) for clock in explain(process, case, at))


def a_clock(
    now: datetime, paused: tuple[datetime, datetime | None] | None = None, **changed: Any
) -> Explanation:
    """Return a clock that began on Monday morning in office hours, read at a moment."""
    since, until = paused or (None, None)
    instance = ClockInstance(
        Clock("resolution"), 1, MONDAY, Target(12 * HOUR, calendars()[office()]),
        pauses=((since, until),) if since and until else (),
        paused_at=None if until else since,
        ended_at=changed.get("ended_at"),
    )  # fmt: skip
    entries = CaseDriver().case.entries
    plain = Explanation(
        clock="resolution",
        instance=1,
        state=instance.state,
        started_at=MONDAY,
        read_at=now,
        spent=instance.spent(now),
        policy="2026-1-office",
        calendar=office(),
        budget=12 * HOUR,
        due_at=MONDAY + timedelta(days=2),
        policy_budget=12 * HOUR,
        policy_due_at=None,
        limit=None,
        pauses=(),
        intervals=clock_intervals(instance, entries, {("resolution", since or now): 1}, now),
        milestones=(),
        breached_at=None,
        ended_at=None,
    )
    return plain.model_copy(update=changed)


def office() -> str:
    """Return the name of a calendar that is closed at night."""
    return next(name for name, calendar in calendars().items() if calendar.zone is not None)


def test_the_parts_follow_each_other_and_count_what_was_used() -> None:
    for clock, at in told_clocks():
        parts = parts_of(clock)
        assert parts[0].start == clock.started_at
        assert all(one.end == other.start for one, other in pairwise(parts))
        assert all(
            one.sort != other.sort or one.entry != other.entry for one, other in pairwise(parts)
        )
        counted = [each for each in parts if each.sort in (Sort.COUNTED, Sort.OVERDUE)]
        assert sum((each.end - each.start for each in counted), timedelta()) == clock.spent
        assert all(each.end <= at for each in counted)
        paused = {each.entry for each in parts if each.entry is not None}
        assert paused == {each.entry for each in clock.pauses if each.until != each.since}
        late = [each for each in parts if each.sort is Sort.OVERDUE]
        assert not late or clock.breached_at is not None
        if clock.due_at is not None:
            assert parts[-1].end >= clock.due_at


def test_closed_hours_are_shown_as_such() -> None:
    clock = a_clock(MONDAY + 30 * HOUR, (MONDAY + HOUR, MONDAY + 2 * HOUR))
    parts = parts_of(clock)
    assert {each.sort for each in parts} >= {Sort.COUNTED, Sort.PAUSED, Sort.CLOSED, Sort.AHEAD}
    counted = sum((p.end - p.start for p in parts if p.sort is Sort.COUNTED), timedelta())
    calendar = calendars()[office()]
    assert counted == worked(calendar, MONDAY, MONDAY + 30 * HOUR) - HOUR


def test_a_long_clock_is_no_long_picture() -> None:
    due = MONDAY + timedelta(days=900)
    assert len(parts_of(a_clock(MONDAY + timedelta(days=400), due_at=due))) <= MOST
    young = parts_of(a_clock(MONDAY + HOUR, due_at=due))
    assert {each.sort for each in young} == {Sort.COUNTED, Sort.AHEAD}


def test_while_it_is_paused_nobody_knows_its_due() -> None:
    clock = a_clock(MONDAY + 3 * HOUR, (MONDAY + HOUR, None), due_at=None)
    root = etree.fromstring(clock_picture(clock, MONDAY + 3 * HOUR, ZONE, "zh_CN", "c"))
    css = [each.get("class") for each in root.iter(f"{SVG}g")]
    assert css == ["mark now", "mark start"]
    said = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert any("第 1 条" in text for text in said)


@pytest.mark.parametrize("locale", LOCALES)
def test_it_says_what_it_shows(locale: str) -> None:
    for clock, at in [*told_clocks()][:40]:
        root = etree.fromstring(clock_picture(clock, at, ZONE, locale, "c"))
        assert root.get("role") == "img"
        assert label(f"clock.{clock.clock}", locale) in (root[0].text or "")
        assert label(f"clock_state.{clock.state.value}", locale) in (root[0].text or "")
        bars = list(root.iter(f"{SVG}rect"))
        assert len(bars) == len(parts_of(clock))
        assert (root[1].text or "").count("。" if locale == "zh_CN" else ".") >= len(bars)
        for one, other in pairwise(bars):
            end = float(one.get("x", "")) + float(one.get("width", ""))
            assert end <= float(other.get("x", "")) + 0.6
        if clock.ended_at is None:
            assert "mark now" in {each.get("class") for each in root.iter(f"{SVG}g")}


def test_a_clock_without_any_time_is_drawn() -> None:
    clock = a_clock(MONDAY, due_at=MONDAY, ended_at=MONDAY, state=ClockState.MET)
    assert etree.fromstring(clock_picture(clock, MONDAY, ZONE, "en", "c")) is not None


def test_the_runs_of_a_clock_are_all_of_its_time_and_say_what_began_and_ended_them() -> None:
    sorts: set[IntervalSort] = set()
    for clock, at in told_clocks():
        runs = clock_runs(clock)
        assert all(one.until == two.since for one, two in pairwise(runs))
        counted = (each.length for each in runs if each.sort in COUNTS)
        assert sum(counted, timedelta()) == clock.spent, at
        pauses = [each for each in runs if each.sort is IntervalSort.PAUSED]
        assert [each.since for each in pauses] == [
            each.since for each in clock.pauses if each.until != each.since and each.since < at
        ]
        assert all(each.ended is not None for each in runs[:-1])
        sorts |= {each.sort for each in runs}
    assert sorts == {IntervalSort.COUNTED, IntervalSort.OVERDUE, IntervalSort.PAUSED}


def test_a_run_says_how_much_of_it_was_closed() -> None:
    clock = a_clock(MONDAY + 30 * HOUR)
    [run] = clock_runs(clock)
    assert (run.sort, run.length, run.closed) == (IntervalSort.COUNTED, 15 * HOUR, 15 * HOUR)
    assert run.began is not None
    assert run.ended is None
    assert [each.sort for each in clock_runs(clock, each=True)] == [
        *(IntervalSort.COUNTED, IntervalSort.CLOSED, IntervalSort.COUNTED)
    ]
    [asleep] = clock_runs(a_clock(MONDAY + 14 * HOUR).model_copy(
        update={"intervals": a_clock(MONDAY + 14 * HOUR).intervals[1:]}
    ))  # fmt: skip
    assert (asleep.sort, asleep.length) == (IntervalSort.CLOSED, 5 * HOUR)
