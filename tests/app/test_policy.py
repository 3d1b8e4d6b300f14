"""The policy in force: when the API starts, its log says that a calendar is about to end."""

import logging
from datetime import date

import pytest

from app.policy import publish_policy, warn_of_calendar
from app.services import Services
from tests.app.test_inbox import TENANTS, staff
from tests.cases.test_policy_documents import TEXT

pytestmark = pytest.mark.xdist_group("app")


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


async def test_a_role_that_nobody_has_is_told(services: Services) -> None:
    tenant = f"roles-{next(TENANTS)}"
    people = services.store.people
    await people.add_team(tenant, "complaints", "投诉组")
    await people.add_staff(tenant, "liu.yang", "刘洋", ["agent", "lead"], ["complaints"])
    text = TEXT.replace("2027-1", "t-4").replace("serious_complaints", "complaints")
    assert "[agent, lead]" in text
    text = text.replace("[agent, lead]", "[agent, repairer]")
    root = staff(tenant, "root", "administrator")
    published = await publish_policy(services, root, text, "Decided on Monday.")
    told = [(each.code, each.params) for each in published.warnings]
    assert ("role_empty", {"role": "repairer", "line": 39}) in told
