"""One sentence says why a clock reads as it does, in each language."""

import inspect
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import app.clock_sentence
from app.clock_sentence import bare_name, clock_sentence, exact_length
from app.texts import catalogue
from cases import CURRENT, stories_of
from domain.language.clocks import ClockState
from domain.language.entries import Entry
from domain.language.roles import Actor, ActorKind
from domain.read_models.clock_intervals import IntervalSort
from domain.read_models.explain import Explanation, Limit, explain
from domain.stories import play
from i18n.labels import LOCALES
from tests.domain.case_driver import CaseDriver

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def office_case(received_at: datetime, later: timedelta) -> Explanation:
    """Return the time limit of a case in office hours, read so much later."""
    run = CaseDriver(policy_version="2026-2-office", received_at=received_at)
    explained = explain(run.process, run.case, received_at + later)
    return next(each for each in explained if each.clock == "resolution")


def test_it_says_what_counted_what_did_not_and_that_it_is_provisional() -> None:
    clock = office_case(datetime(2026, 12, 29, 8, tzinfo=UTC), timedelta(hours=20, seconds=5))
    assert clock_sentence(clock, ZONE, "en") == (
        "Resolution: of 48 h, 5 h 5 s counted from 2026-12-29 16:00 to 2026-12-30 12:00 by the "
        "calendar office hours in China (office-cn@2026-2) under the policy 2026-2-office; 15 h "
        "were outside of open hours; due 2027-01-06 10:00, provisionally: the holidays after "
        "2026-12-31 are not announced yet."
    )
    assert clock_sentence(clock, ZONE, "zh_CN") == (
        "处理时限：按策略 2026-2-office 和日历“中国办公时间”（office-cn@2026-2），"
        "自2026年12月29日 16:00至2026年12月30日 12:00，在 48小时 中已计 5小时5秒；"
        "非工作时间 15小时 不计；截止时间暂定为2027年1月6日 10:00，"
        "因2026年12月31日之后的节假日安排尚未公布。"
    )


def test_it_names_the_holidays() -> None:
    clock = office_case(datetime(2026, 9, 30, 9, tzinfo=UTC), timedelta(days=8))
    assert "of them National Day 168 h" in clock_sentence(clock, ZONE, "en")
    assert "其中国庆节 168小时" in clock_sentence(clock, ZONE, "zh_CN")


def told_clocks() -> Iterator[tuple[Explanation, Sequence[Entry]]]:
    """Yield all clocks of all stories, and the entries of the case of each."""
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            case = play(process, story, f"{process.prefix}1").case
            yield from ((clock, case.entries) for clock in explain(process, case, case.last.at))


@pytest.mark.parametrize("locale", LOCALES)
def test_of_every_story_it_names_each_pause_and_the_end(locale: str) -> None:
    word = {"zh_CN": "第 {} 条，{}", "en": "entry {} by {}"}[locale]
    seen: set[ClockState] = set()
    for clock, entries in told_clocks():
        sentence = clock_sentence(clock, ZONE, locale)
        assert exact_length(clock.spent, locale) in sentence
        assert clock.policy in sentence
        assert "%" not in sentence
        causes = [each.began for each in clock.intervals if each.sort is IntervalSort.PAUSED] + (
            [clock.intervals[-1].ended] if clock.ended_at and clock.intervals else []
        )
        for cause in causes:
            assert cause is not None
            by = bare_name(entries[cause.entry - 1].actor, locale)
            assert word.format(cause.entry, by) in sentence
        seen.add(clock.state)
    assert seen >= {ClockState.RUNNING, ClockState.MET, ClockState.MET_LATE, ClockState.CANCELLED}


def test_all_its_parts_are_in_use_and_in_each_language() -> None:
    parts = {locale: {code for code in catalogue(locale) if code.startswith("clock_why.")}
             for locale in LOCALES}  # fmt: skip
    assert parts["en"] == parts["zh_CN"]
    source = inspect.getsource(app.clock_sentence)
    assert [code for code in parts["en"] if f'"{code.partition(".")[2]}"' not in source] == []


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0秒"),
        (59, "59 s", "59秒"),
        (3600, "1 h", "1小时"),
        (180065, "50 h 1 min 5 s", "50小时1分5秒"),
    ],
)
def test_lengths_are_told_to_the_second(seconds: int, english: str, chinese: str) -> None:
    length = timedelta(seconds=seconds)
    assert (exact_length(length, "en"), exact_length(length, "zh_CN")) == (english, chinese)


def test_who_set_a_limit_is_named_and_people_outside_are_not() -> None:
    clock = office_case(datetime(2026, 9, 30, 9, tzinfo=UTC), HOUR)
    limit = Limit(by="chen", at=clock.started_at, entry=2)
    limited = clock.model_copy(update={"limit": limit, "due_at": None})
    assert "the budget was set by chen (entry 2)" in clock_sentence(limited, ZONE, "en")
    assert "暂停期间截止时间未定" in clock_sentence(limited, ZONE, "zh_CN")
    hidden = Actor(kind=ActorKind.STAFF, id=ActorKind.STAFF.value)
    assert bare_name(hidden, "zh_CN") != hidden.id
    assert bare_name(Actor(kind=ActorKind.TIMER, id="t"), "zh_CN") not in {"t", "timer"}
