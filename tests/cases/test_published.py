"""What is published stays: a running case must be promised tomorrow what it was promised today."""

import hashlib
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.common.calendars import CALENDARS, OFFICE_CN_2026
from cases.common.policy import POLICIES
from domain.language.calendars import due_at

HASHES = {
    "calendar always@1": "bca91fb268f4a36f",
    "calendar office-cn@2026-1": "d14536708a59d215",
    "policy 2026-1": "a0c33fa075dbec15",
    "policy 2026-1-office": "8509da6194716023",
}
"""Never change a line here: publish a new version under a name of its own."""

ZONE = ZoneInfo("Asia/Shanghai")


def published() -> dict[str, object]:
    calendars = {f"calendar {each.id}@{each.version}": each for each in CALENDARS}
    return {**calendars, **{f"policy {name}": each for name, each in POLICIES.items()}}


def plain(value: object) -> str:
    """A text that differs if anything in a policy or a calendar does; order does not matter."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{plain(k)}:{plain(v)}" for k, v in value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(plain(each) for each in value) + "]"
    if isinstance(value, timedelta):
        return f"{value.total_seconds()}s"
    return value.isoformat() if isinstance(value, date) else str(value)


def test_no_published_policy_or_calendar_changes() -> None:
    found = {
        name: hashlib.sha256(plain(asdict(each)).encode()).hexdigest()[:16]  # type: ignore[call-overload]
        for name, each in published().items()
    }
    assert found == HASHES


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-02-13T17:00", 2, "2026-02-14T10:00"),  # a Saturday to work on
        ("2026-02-14T17:00", 2, "2026-02-24T10:00"),  # over the Spring Festival
        ("2026-09-30T17:30", 1, "2026-10-08T09:30"),  # over the National Day
        ("2026-03-06T12:00", 48, "2026-03-13T15:00"),  # weekends do not count
    ],
)
def test_office_hours_of_2026(start: str, hours: int, due: str) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    found = due_at(OFFICE_CN_2026, begins, timedelta(hours=hours))
    assert found == datetime.fromisoformat(due).replace(tzinfo=ZONE)
