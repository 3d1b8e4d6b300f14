"""Improvement measures: whose they are, which are due, and what takes them off the list."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from app.authentication import Principal
from app.errors import Forbidden
from app.measures import MeasureFilter, count_due, list_measures
from app.services import Services
from cases import CURRENT
from cases.common.measures import CHECK, RECORD, Standing
from domain.engine.case import Case
from domain.language.roles import Actor, ActorKind
from domain.read_models.projection import projection_update
from store.db.clock import utc_now
from tests.support.cases import LIU, ZHAO, new_number, opening, request

pytestmark = pytest.mark.xdist_group("app")

COMPLAINT = CURRENT["complaint"]
PRICE = {"category": "price", "severity": "minor"}
FINDING = {"cause": "service", "reasonable": True, "finding": "So it was."}
OFFER = {"solution": "An apology.", "cost": {"amount": "0.00"}}
TENANTS = count(1)
MINUTE = timedelta(minutes=1)
ALL = MeasureFilter()
EFFECT = {"effective": True, "effect": "No more of it."}


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"measures-{next(TENANTS)}"


def staff(tenant: str, id: str, *roles: str, teams: tuple[str, ...] = ()) -> Principal:
    return Principal(tenant, ActorKind.STAFF, id, roles=roles, teams=teams)


class Run:
    """A complaint that is carried out, and kept in the store."""

    def __init__(self, services: Services, tenant: str) -> None:
        self.services, self.tenant, self.requests = services, tenant, count(1)
        began = utc_now() - timedelta(hours=3)
        opened = opening(new_number("TS"), tenant=tenant, received_at=began)
        self.case: Case = COMPLAINT.open(opened, began)

    async def do(self, *steps: tuple[str, dict[str, Any]], by: Actor = LIU) -> int:
        """Take steps, record them, and return the seq of the last entry."""
        for step in steps:
            asked = request(f"m{next(self.requests)}", step, actor=by, tenant=self.tenant)
            COMPLAINT.apply_request(self.case, asked, self.case.last.at + 2 * MINUTE)
        update = projection_update(COMPLAINT, self.case, 0)
        await self.services.store.recorder.write(update)
        return self.case.last.seq

    async def measure(self, owner: str, days: int) -> int:
        """Record a measure that is due so many days from today."""
        today = utc_now().astimezone(self.services.business_zone).date()
        due = (today + timedelta(days=days)).isoformat()
        return await self.do((RECORD, {"measure": "Train them.", "owner": owner, "due": due}))


@pytest.fixture
async def run(services: Services, tenant: str) -> Run:
    run = Run(services, tenant)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}), ("classify", PRICE), ("claim", {}),
        ("investigate", FINDING), ("propose", OFFER), ("accept_solution", {}),
    ]  # fmt: skip
    await run.do(*steps)
    return run


async def seqs(services: Services, caller: Principal, which: MeasureFilter) -> list[int]:
    found = await list_measures(services, caller, which)
    return [each.seq for each in found.items]


async def test_measures_are_listed_as_they_are_due(
    services: Services, tenant: str, run: Run
) -> None:
    later = await run.measure("store-hangzhou", 4)
    soon = await run.measure("zhao.fang", 3)
    today = await run.measure("liu.yang", 0)
    over = await run.measure("zhao.fang", -1)
    zhao = staff(tenant, "zhao.fang", "service_manager")
    shown = (await list_measures(services, zhao, ALL)).items
    assert [(each.seq, each.standing) for each in shown] == [
        (over, Standing.OVERDUE),
        (today, Standing.DUE_SOON),
        (soon, Standing.DUE_SOON),
        (later, Standing.LATER),
    ]
    assert {each.number for each in shown} == {run.case.opening.number}
    assert await seqs(services, zhao, MeasureFilter(own=True)) == [over, soon]
    assert await seqs(services, zhao, MeasureFilter(owner="liu.yang")) == [today]
    assert await seqs(services, zhao, MeasureFilter(due=True)) == [over, today, soon]
    assert await count_due(services, zhao) == 2
    of_store = staff(tenant, "he.jing", "store_manager", teams=("store-hangzhou",))
    assert await seqs(services, of_store, MeasureFilter(own=True)) == [later]
    assert await count_due(services, of_store) == 0, "it is not due soon"


async def test_a_measure_leaves_the_list_when_its_effect_is_checked_also_after_the_end(
    services: Services, tenant: str, run: Run
) -> None:
    liu = staff(tenant, "liu.yang", "agent")
    first, second = await run.measure("liu.yang", 1), await run.measure("liu.yang", 2)
    await run.do(("withdraw", {"reason": "He rang."}))
    shown = (await list_measures(services, liu, ALL)).items
    assert [(each.seq, each.closed) for each in shown] == [(first, True), (second, True)]
    other = Run(services, tenant)
    await other.do(("accept", {}), ("classify", PRICE), ("claim", {}), ("investigate", FINDING))
    await other.do(("propose", OFFER), ("accept_solution", {}))
    third = await other.measure("liu.yang", 3)
    await other.do((CHECK, {"of": third, **EFFECT}))
    assert await seqs(services, liu, ALL) == [first, second]


async def test_what_was_taken_back_counts_neither_as_measure_nor_as_check(
    services: Services, tenant: str, run: Run
) -> None:
    liu = staff(tenant, "liu.yang", "agent")
    kept = await run.measure("liu.yang", 1)
    checked = await run.do((CHECK, {"of": kept, **EFFECT}))
    await run.measure("liu.yang", 2)
    assert await seqs(services, liu, ALL) == [checked + 1]
    back = {"to": checked, "reason": "Twice.", "clocks": "go_on"}
    await run.do(("rewind", back), by=ZHAO)
    assert await seqs(services, liu, ALL) == []
    await run.do(("rewind", {**back, "to": kept}), by=ZHAO)
    assert await seqs(services, liu, ALL) == [kept]


async def test_measures_are_for_staff_who_see_all_cases(services: Services, tenant: str) -> None:
    for caller in (
        staff(tenant, "mei", "vendor"),
        Principal(tenant, ActorKind.SYSTEM, "shop"),
    ):
        with pytest.raises(Forbidden):
            await list_measures(services, caller, ALL)
        assert await count_due(services, caller) == 0
