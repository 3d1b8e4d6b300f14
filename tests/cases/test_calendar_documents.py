"""Calendars as documents: what China announced, how long it is known, and what is refused."""

import importlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import holidays
import pytest
from pydantic import ValidationError

from domain.language.calendars import ALWAYS, Calendar
from i18n.labels import LOCALES
from policies.calendar_document import CalendarDocument
from policies.documents import (
    calendar_documents,
    calendar_title,
    calendars,
    holiday_title,
    policies,
    provisional_after,
    raw_documents,
)

chinese_calendar = importlib.import_module("chinese_calendar")
"""Without types: it has none."""
CHINA = sorted(name for name, each in calendars().items() if each.zone == "Asia/Shanghai")
SUBSTITUTED = "substituted"
"""How `holidays` names a day off that only an announcement can bring about."""


def days(calendar: Calendar) -> Iterator[date]:
    """Yield the days of all years in which a calendar has holidays, as far as it knows them."""
    assert calendar.announced_until is not None
    day = date(min(calendar.special).year, 1, 1)
    while day <= calendar.announced_until:
        yield day
        day += timedelta(days=1)


def is_workday(calendar: Calendar, day: date) -> bool:
    return bool(calendar.special.get(day, calendar.week.get(day.weekday(), ())))


@pytest.mark.parametrize("name", CHINA)
def test_workdays_are_those_that_china_announced(name: str) -> None:
    calendar = calendars()[name]
    others = holidays.country_holidays("CN", years=sorted({day.year for day in days(calendar)}))
    wrong = {
        str(day): (chinese_calendar.is_workday(day), others.is_working_day(day))
        for day in days(calendar)
        if {chinese_calendar.is_workday(day), others.is_working_day(day)}
        != {is_workday(calendar, day)}
    }
    assert wrong == {}


@pytest.mark.parametrize("name", CHINA)
def test_what_is_not_announced_is_not_said_to_be(name: str) -> None:
    """Both libraries know 2027 by its dates only: when they know more, publish a calendar."""
    until = calendars()[name].announced_until
    assert until == date(2026, 12, 31)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(until + timedelta(days=1))
    titles = holidays.country_holidays("CN", years=until.year + 1, language="en_US").values()
    assert not [title for title in titles if SUBSTITUTED in title]
    at = datetime.fromisoformat("2027-01-04T10:00:00+08:00")
    assert provisional_after(name, at) == until
    assert provisional_after(ALWAYS.name, at) is provisional_after("unknown@1", at) is None


def test_a_new_calendar_says_how_long_it_is_announced_and_what_it_is_called() -> None:
    for raw in raw_documents("calendars"):
        assert "announced_until" in raw or raw["version"] == "2026-1", "older ones do not say"
    for policy in policies().values():
        assert policy.calendar is calendars()[policy.calendar.name]
    for locale in LOCALES:
        titles = {calendar_title(name, locale) for name in calendars()}
        assert not any("@" in title for title in titles), titles
    assert calendar_title(ALWAYS.name, "zh_CN") == "全天计时"
    assert calendar_title("gone@1", "en") == holiday_title("gone@1", "gone@1", "en") == "gone@1"
    assert holiday_title("office-cn@2026-2", "国庆节", "en") == "National Day"
    assert {holiday_title(name, each.name, "zh_CN") == each.name
            for name, document in calendar_documents().items()
            for each in document.holidays} == {True}  # fmt: skip


def test_an_older_document_is_announced_until_the_year_of_its_last_holiday_ends() -> None:
    assert document().known_until is None
    assert document(holidays=[holiday("2026-05-01")]).known_until == date(2026, 12, 31)
    assert document(holidays=[holiday("2026-05-01")], announced_until=None).known_until is None
    assert document(announced_until="2026-06-30").build().announced_until == date(2026, 6, 30)


def test_a_calendar_names_its_holidays() -> None:
    built = document(holidays=[holiday("2026-05-01", "2026-05-02")]).build()
    assert built.holidays == {date(2026, 5, 1): "holiday", date(2026, 5, 2): "holiday"}
    assert built.special == {date(2026, 5, 1): (), date(2026, 5, 2): ()}


def holiday(first: str, last: str = "") -> Mapping[str, str]:
    return {"name": "holiday", "first": first, "last": last or first}


def document(**changed: Any) -> CalendarDocument:
    plain = {
        "id": "a",
        "version": "1",
        "zone": "Asia/Shanghai",
        "week": {"monday": ["09:00-18:00"]},
    }
    return CalendarDocument.model_validate(plain | changed)


NIGHT = {"monday": ["22:00-30:00"]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"zone": "Mars/Phobos"}, "no zone"),
        ({"zone": "../etc/passwd"}, "no zone"),
        ({"week": {"monday": ["09:00-12:00", "11:00-18:00"]}}, "overlap"),
        ({"week": {"monday": ["13:00-18:00", "09:00-12:00"]}}, "not in order"),
        ({"week": {"monday": ["18:00-09:00"]}}, "not in order"),
        ({"week": {"monday": ["09:00-09:00"]}}, "not in order"),
        ({"week": {"monday": ["25:00-26:00"]}}, "of one day"),
        ({"week": {"monday": ["09:00-49:00"]}}, "of one day"),
        ({"week": NIGHT | {"tuesday": ["05:00-09:00"]}}, "next day"),
        ({"week": {"sunday": ["22:00-30:00"], "monday": ["05:00-09:00"]}}, "next day"),
        ({"week": NIGHT, "workdays": ["2026-05-09"], "workday_hours": ["05:00-09:00"]}, "next day"),
        ({"workdays": ["2026-05-09"]}, "no workday_hours"),
        ({"holidays": [holiday("2026-05-02", "2026-05-01")]}, "before it begins"),
        ({"holidays": [holiday("2026-05-01"), holiday("2026-05-01")]}, "named twice"),
        ({"holidays": [holiday("2026-05-01")], "workdays": ["2026-05-01"],
          "workday_hours": ["09:00-18:00"]}, "named twice"),
    ],
)  # fmt: skip
def test_a_calendar_with_a_fault_is_refused(changed: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        document(**changed)
    touching = {"week": NIGHT | {"tuesday": ["06:00-09:00"]}}
    assert document(**touching).build().week[1]
