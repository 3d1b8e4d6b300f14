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
from domain.language.clocks import ClockState
from domain.read_models.explain import Explanation, Pause, explain
from domain.stories import play
from i18n.labels import LOCALES, label
from policies.documents import calendars
from web.pictures.clock import MOST, Sort, clock_picture, parts_of
from web.pictures.intervals import intervals

ZONE = ZoneInfo("Asia/Shanghai")
SVG = "{http://www.w3.org/2000/svg}"
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine o'clock in the morning in China."""


def told_clocks() -> Iterator[tuple[Explanation, datetime]]:
    """Yield all clocks of all stories, as they stand at some moments."""
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            case = play(process, story, f"{process.prefix}1").case
            for at in (case.last.at, case.last.at + timedelta(days=3)):
                yield from ((clock, at) for clock in explain(process, case, at))


def a_clock(**changed: Any) -> Explanation:
    """Return a clock that began on Monday morning in office hours."""
    plain = Explanation(
        clock="resolution",
        instance=1,
        state=ClockState.RUNNING,
        started_at=MONDAY,
        spent=timedelta(),
        calendar=office(),
        budget=12 * HOUR,
        due_at=MONDAY + timedelta(days=2),
        policy_budget=12 * HOUR,
        policy_due_at=None,
        limit=None,
        pauses=(),
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
        parts = parts_of(clock, at)
        assert parts[0].start == clock.started_at
        assert all(one.end == other.start for one, other in pairwise(parts))
        assert all(
            one.sort != other.sort or one.entry != other.entry for one, other in pairwise(parts)
        )
        counted = [each for each in parts if each.sort in (Sort.COUNTED, Sort.LATE)]
        assert sum((each.end - each.start for each in counted), timedelta()) == clock.spent
        assert all(each.end <= at for each in counted)
        paused = {each.entry for each in parts if each.entry is not None}
        assert paused == {each.entry for each in clock.pauses if each.until != each.since}
        late = [each for each in parts if each.sort is Sort.LATE]
        assert not late or clock.breached_at is not None
        if clock.due_at is not None:
            assert parts[-1].end >= clock.due_at


def test_closed_hours_are_shown_as_such() -> None:
    clock = a_clock(pauses=(Pause(since=MONDAY + HOUR, until=MONDAY + 2 * HOUR, entry=4),))
    parts = parts_of(clock, MONDAY + 30 * HOUR)
    assert {each.sort for each in parts} >= {Sort.COUNTED, Sort.PAUSED, Sort.CLOSED, Sort.AHEAD}
    counted = sum((p.end - p.start for p in parts if p.sort is Sort.COUNTED), timedelta())
    calendar = calendars()[office()]
    assert counted == worked(calendar, MONDAY, MONDAY + 30 * HOUR) - HOUR


def test_a_long_clock_is_no_long_picture() -> None:
    clock = a_clock(due_at=MONDAY + timedelta(days=900))
    assert len(parts_of(clock, MONDAY + timedelta(days=400))) <= MOST
    assert {p.sort for p in parts_of(clock, MONDAY + HOUR)} == {Sort.COUNTED, Sort.AHEAD}


def test_while_it_is_paused_nobody_knows_its_due() -> None:
    pause = Pause(since=MONDAY + HOUR, until=None, entry=7)
    clock = a_clock(due_at=None, state=ClockState.PAUSED, pauses=(pause,))
    root = etree.fromstring(clock_picture(clock, MONDAY + 3 * HOUR, ZONE, "zh_CN", "c"))
    css = [each.get("class") for each in root.iter(f"{SVG}g")]
    assert css == ["mark now", "mark start"]
    said = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert any("第 7 条" in text for text in said)


@pytest.mark.parametrize("locale", LOCALES)
def test_it_says_what_it_shows(locale: str) -> None:
    for clock, at in [*told_clocks()][:40]:
        root = etree.fromstring(clock_picture(clock, at, ZONE, locale, "c"))
        assert root.get("role") == "img"
        assert label(f"clock.{clock.clock}", locale) in (root[0].text or "")
        assert label(f"clock_state.{clock.state.value}", locale) in (root[0].text or "")
        bars = list(root.iter(f"{SVG}rect"))
        assert len(bars) == len(parts_of(clock, at))
        assert (root[1].text or "").count("。" if locale == "zh_CN" else ".") >= len(bars)
        for one, other in pairwise(bars):
            end = float(one.get("x", "")) + float(one.get("width", ""))
            assert end <= float(other.get("x", "")) + 0.6
        if clock.ended_at is None:
            assert "mark now" in {each.get("class") for each in root.iter(f"{SVG}g")}


def test_a_clock_without_any_time_is_drawn() -> None:
    clock = a_clock(due_at=MONDAY, ended_at=MONDAY, state=ClockState.MET)
    assert etree.fromstring(clock_picture(clock, MONDAY, ZONE, "en", "c")) is not None


def test_the_pieces_of_a_clock_are_all_of_its_time_and_say_what_began_and_ended_them() -> None:
    sorts: set[Sort] = set()
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            case = play(process, story, f"{process.prefix}1").case
            at = case.last.at + timedelta(days=3)
            for clock in explain(process, case, at):
                pieces = intervals(clock, case.entries, at)
                assert all(one.end == two.start for one, two in pairwise(pieces))
                counted = (each.length for each in pieces if each.sort is not Sort.PAUSED)
                assert sum(counted, timedelta()) == clock.spent
                began = {each.since: each.entry for each in clock.pauses}
                pauses = [each for each in pieces if each.sort is Sort.PAUSED]
                assert all(began[each.start] == each.began.seq for each in pauses)
                assert all(each.ended is not None for each in pieces[:-1])
                assert all(each.ended.at == each.end for each in pauses if each.ended)
                sorts |= {each.sort for each in pieces}
    assert sorts == {Sort.COUNTED, Sort.LATE, Sort.PAUSED}
