"""Whose list shows a case when its classification calls for another team."""

from itertools import count
from typing import Any

import pytest

from app.inbox import View
from app.services import Services
from cases import CURRENT
from store.db.clock import utc_now
from tests.app.test_inbox import listed, record, staff
from tests.store import sample_cases
from tests.support.cases import WANG, new_number, opening, request

pytestmark = pytest.mark.xdist_group("app")

TENANTS = count(1)


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"routing-{next(TENANTS)}"


async def test_what_turns_out_serious_is_on_the_list_of_that_team(
    services: Services, tenant: str
) -> None:
    complaint = CURRENT["complaint"]
    case = complaint.open(opening(new_number("TS"), tenant=tenant), utc_now())
    old = staff(tenant, "wang.fang", "lead", teams=["complaints"])
    new = staff(tenant, "zhou.hang", "management", teams=["serious_complaints"])
    number = case.opening.number
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}),
        ("classify", {"category": "price", "severity": "minor"}),
        ("reclassify", {"category": "price", "severity": "serious"}),
    ]
    seen = []
    for n, step in enumerate(steps):
        asked = request(f"r{n}", step, actor=WANG, tenant=tenant)
        complaint.apply_request(case, asked, case.last.at + sample_cases.MINUTE)
        await record(services, case)
        seen.append([await listed(services, who, View.TEAMS) for who in (old, new)])
    assert seen == [[[number], []], [[number], []], [[], [number]]]
    assert number in await listed(services, old, View.ALL), "nobody loses sight of it"
    assert await listed(services, new, View.UNASSIGNED) == [number]
