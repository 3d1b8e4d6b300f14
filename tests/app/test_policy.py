"""The policy in force: when the API starts, its log says that a calendar is about to end."""

import logging
from datetime import date

import pytest

from app.policy import warn_of_calendar


@pytest.mark.parametrize(
    ("policy", "today", "warns"),
    [
        ("2026-1", date(2030, 1, 1), False),
        ("2026-2-office", date(2026, 10, 2), False),
        ("2026-2-office", date(2026, 10, 3), True),
        ("2026-2-office", date(2027, 1, 1), True),
    ],
)
def test_ninety_days_before_its_calendar_ends_a_policy_warns(
    policy: str, today: date, warns: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        warn_of_calendar(policy, today)
    assert [each.levelno for each in caplog.records] == [logging.WARNING] * warns
    assert ("office-cn@2026-2 knows no holidays after 2026-12-31" in caplog.text) == warns
