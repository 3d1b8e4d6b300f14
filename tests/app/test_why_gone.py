"""A line that leaves a list says why: who did what, by the case's newest entry."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from app.authentication import Principal
from app.errors import Forbidden
from app.services import Services
from app.why_gone import MOST, Gone, Seen, Why, explain_gone
from domain.engine.case import Case
from domain.language.roles import Actor, ActorKind
from store.comments import Visibility
from tests.store import sample_cases
from tests.store.sample_cases import COMPLAINT, applied, classified, opened
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SHOP, WANG, request

pytestmark = pytest.mark.xdist_group("app")

TENANTS = count(1)
WHEN = sample_cases.DAWN + timedelta(hours=3)
MANAGER = Actor(kind=ActorKind.STAFF, id="zhao.fang", roles=("service_manager",))


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"gone-{next(TENANTS)}"


def do(step: str, form: dict[str, Any] | None = None, by: Actor = LIU) -> Callable[[Case], Case]:
    return lambda case: applied(case, request(f"do-{step}", (step, form or {}), actor=by))


def offered(case: Case) -> Case:
    for step, form in (("claim", {}), ("investigate", FINDING), ("propose", OFFER)):
        do(step, dict(form))(case)
    return case


STEPS: dict[str, tuple[list[Callable[[Case], Case]], Callable[[Case], Case], Gone]] = {
    "claimed": ([], do("claim"), Gone(Why.CLAIMED, "liu.yang")),
    "claimed by a step": ([classified], do("claim"), Gone(Why.CLAIMED, "liu.yang")),
    "assigned": (
        [classified],
        do("assign", {"assignee": "chen.min", "roles": ["seat"]}, by=WANG),
        Gone(Why.ASSIGNED, "wang.fang", {"to": "chen.min"}),
    ),
    "reassigned": (
        [do("claim")],
        do("assign", {"assignee": "chen.min", "roles": ["seat"]}, by=WANG),
        Gone(Why.ASSIGNED, "wang.fang", {"to": "chen.min"}),
    ),
    "released": ([do("claim")], do("release"), Gone(Why.RELEASED, "liu.yang")),
    "on hold": (
        [do("claim")],
        do("hold", {"reason": "parts", "until": WHEN.isoformat()}),
        Gone(Why.ON_HOLD, "liu.yang", {"until": WHEN.isoformat().replace("+00:00", "Z")}),
    ),
    "resumed": (
        [do("claim"), do("hold", {"reason": "parts", "until": WHEN.isoformat()})],
        do("resume"),
        Gone(Why.RESUMED, "liu.yang"),
    ),
    "done": (
        [],
        do("accept", by=CHEN),
        Gone(Why.DONE, "chen.min", {"kind": "complaint", "state": "accepted", "step": "accept"}),
    ),
    "answered": (
        [classified, offered],
        do("accept_solution", by=SHOP),
        Gone(
            Why.CUSTOMER_ANSWERED,
            None,
            {"kind": "complaint", "state": "carrying_out", "step": "accept_solution"},
        ),
    ),
    "rewound": (
        [classified, do("claim")],
        do("rewind", {"to": 1, "reason": "Wrong.", "clocks": "restart"}, by=MANAGER),
        Gone(Why.REWOUND, "zhao.fang"),
    ),
    "withdrawn": (
        [],
        do("withdraw", {"reason": "She rang."}, by=CHEN),
        Gone(Why.CLOSED, "chen.min", {"kind": "complaint", "outcome": "withdrawn"}),
    ),
}


@pytest.mark.parametrize("name", STEPS)
async def test_what_moved_it_is_told(services: Services, tenant: str, name: str) -> None:
    before, step, expected = STEPS[name]
    case = opened(tenant)
    for each in before:
        each(case)
    seen = Seen(case.last.seq)
    step(case)
    await services.store.recorder.write(sample_cases.update_after(case))
    reader = Principal(tenant, ActorKind.STAFF, "sun.li", roles=("agent",))
    number = case.opening.number
    assert await explain_gone(services, reader, {number: seen}) == {number: expected}


async def test_time_and_the_world_are_told(services: Services, tenant: str) -> None:
    case = offered(classified(opened(tenant)))
    seen = Seen(case.last.seq)
    COMPLAINT.settle(case, case.last.at + timedelta(days=8))
    await services.store.recorder.write(sample_cases.update_after(case))
    reader = Principal(tenant, ActorKind.STAFF, "sun.li", roles=("agent",))
    (gone,) = (await explain_gone(services, reader, {case.opening.number: seen})).values()
    assert (gone.why, gone.by, gone.params["step"]) == (Why.TIME_PASSED, None, "offer_lapsed")


async def test_what_nobody_moved_was_read_or_is_otherwise(services: Services, tenant: str) -> None:
    case = opened(tenant)
    await services.store.recorder.write(sample_cases.update_after(case))
    number, reader = case.opening.number, Principal(tenant, ActorKind.STAFF, "li", ("agent",))
    await services.store.comments.add(tenant, number, SHOP, Visibility.PUBLIC, "在吗？")
    seen = Seen(case.last.seq, 1)
    assert (await explain_gone(services, reader, {number: seen}))[number].why is Why.CHANGED
    await services.store.comments.mark_read(tenant, number)
    assert (await explain_gone(services, reader, {number: seen}))[number].why is Why.READ


async def test_strangers_learn_nothing(services: Services, tenant: str, shop: Principal) -> None:
    case = opened(tenant)
    await services.store.recorder.write(sample_cases.update_after(case))
    number = case.opening.number
    vendor = Principal(tenant, ActorKind.STAFF, "mei", roles=("vendor",))
    seen = {number: Seen(0), "TS0": Seen(0)}
    assert await explain_gone(services, vendor, seen) == dict.fromkeys(seen, Gone(Why.OUT_OF_REACH))
    with pytest.raises(Forbidden):
        await explain_gone(services, shop, seen)


async def test_a_vendor_is_told_no_names(services: Services, tenant: str) -> None:
    """It holds the case, and the lead of ours gave it back and took it again."""
    case = do("claim", by=LIU)(opened(tenant))
    await services.store.recorder.write(sample_cases.update_after(case))
    row = await services.store.cases.get(tenant, case.opening.number)
    assert row is not None
    newer = {"assignee": "mei", "last_seq": row.last_seq + 1}
    await services.store.recorder.write(sample_cases.only_case(row, **newer))
    vendor = Principal(tenant, ActorKind.STAFF, "mei", roles=("vendor",))
    gone = await explain_gone(services, vendor, {row.number: Seen(1)})
    assert gone == {row.number: Gone(Why.CLAIMED, "staff")}


async def test_many_lines_are_bounded(services: Services, tenant: str) -> None:
    reader = Principal(tenant, ActorKind.STAFF, "li", roles=("agent",))
    seen = {f"TS{n}": Seen(1) for n in range(MOST + 5)}
    assert len(await explain_gone(services, reader, seen)) == MOST
