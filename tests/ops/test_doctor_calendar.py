"""The doctor says when the calendar of the policy in force knows no more holidays."""

from datetime import date

import pytest

from ops.doctor.calendar import check_calendar
from policies.check import check_for_publication
from policies.documents import DEFAULT, calendars
from tests.cases.test_policy_documents import TEXT


@pytest.mark.parametrize(
    ("policy", "today", "level"),
    [
        (DEFAULT, "2030-01-01", "ok"),
        ("2026-1-office", "2026-06-01", "ok"),
        ("2026-1-office", "2026-11-29", "warning"),
        ("2026-2-office", "2026-10-02", "ok"),
        ("2026-2-office", "2026-10-03", "warning"),
        ("2026-2-office", "2026-12-31", "warning"),
        ("2026-2-office", "2027-01-01", "wrong"),
        ("2026-1-office", "2027-01-01", "wrong"),
        ("no-policy", "2026-01-01", "wrong"),
    ],
)
async def test_the_calendar_must_know_what_is_to_come(policy: str, today: str, level: str) -> None:
    [result] = await check_calendar(policy, today=date.fromisoformat(today))
    assert result.level == level
    assert bool(result.remedy) == (level != "ok")


async def test_calendars_of_open_cases_are_looked_at_too() -> None:
    in_use = ["always@1", "gone@1", "office-cn@2026-1", "office-cn@2026-2"]
    early = await check_calendar("2026-2-office", in_use, date(2026, 6, 1))
    assert [(each.level.value, "gone@1" in each.message) for each in early] == [
        ("ok", False), ("wrong", True),
    ]  # fmt: skip
    late = await check_calendar(DEFAULT, in_use, date(2026, 11, 30))
    assert [each.level.value for each in late] == ["ok", "wrong", "warning", "warning"]
    assert all(each.remedy for each in late[1:])
    assert "provisional" in late[2].message


async def test_the_calendar_of_a_policy_that_somebody_released_is_checked() -> None:
    text = TEXT.replace("always@1", "office-cn@2026-2")
    document = check_for_publication(text, calendars()).carried
    [result] = await check_calendar("2027-1", (), date(2027, 1, 1), document)
    assert result.level.value == "wrong"
    [unknown] = await check_calendar("2027-1", (), date(2026, 1, 1), "{}")
    assert unknown.level.value == "wrong"
