"""The doctor says when the calendar of the policy in force knows no more holidays."""

from datetime import date

import pytest

from ops.doctor.calendar import check_calendar
from policies.documents import DEFAULT


@pytest.mark.parametrize(
    ("policy", "today", "level"),
    [
        (DEFAULT, "2030-01-01", "ok"),
        ("2026-1-office", "2026-06-01", "ok"),
        ("2026-1-office", "2026-11-29", "warning"),
        ("2026-1-office", "2027-01-01", "wrong"),
        ("no-policy", "2026-01-01", "wrong"),
    ],
)
async def test_the_calendar_must_know_what_is_to_come(policy: str, today: str, level: str) -> None:
    [result] = await check_calendar(policy, date.fromisoformat(today))
    assert result.level == level
    assert bool(result.remedy) == (level != "ok")
