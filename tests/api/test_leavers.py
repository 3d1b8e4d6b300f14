"""Whoever left or lost a role holds nothing that they may not work on, and acts no longer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.engine.messages import DEFAULT_TENANT
from ops.oracle.oracle import Oracle
from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import Callers, all_pages, api_client
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

SORTED = {"category": "service_attitude", "severity": "minor"}
MAJOR = {"category": "service_attitude", "severity": "minor", "hardness": "major"}
APPLICATION = {"words": "I would rather have the other one."}
OFFER = {"solution": "Sorry.", "cost": {"amount": "20.00"}}


@pytest.fixture
async def joiners(callers: Callers) -> AsyncIterator[Any]:
    """Adds somebody to the staff, and returns their id."""
    added: list[str] = []

    async def join(id: str, *roles: str) -> str:
        await callers.store.people.add_staff(DEFAULT_TENANT, id, id, roles, ("complaints",))
        added.append(id)
        return id

    yield join
    for id in added:
        await callers.store.people.change(DEFAULT_TENANT, id, active=False)


async def handed(callers: Callers, to: str, form: dict[str, str] | None = None) -> str:
    number = await callers.complaint(by="shop")
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", form or SORTED, by="chen.min")
    by = "zhou.hang" if form else "chen.min"
    await callers.step(number, "assign", {"assignee": to}, by=by)
    return number


async def offered(callers: Callers, holder: str) -> str:
    """The number of a complaint that somebody holds while its customer is asked."""
    number = await handed(callers, holder)
    finding = {"cause": "service", "reasonable": True, "finding": "So it was."}
    await callers.step(number, "investigate", finding, by="wang.fang")
    await callers.step(number, "propose", OFFER, by="wang.fang")
    return number


async def awaiting_goods(callers: Callers, holder: str) -> str:
    """The number of a return that somebody holds until its goods come."""
    number = await callers.complaint(kind="returns", form=APPLICATION)
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", {"category": "personal"}, by="chen.min")
    await callers.step(number, "assign", {"assignee": holder}, by="chen.min")
    review = {
        "ground": "personal",
        "ruling": "refund",
        "delivered_on": (datetime.now(UTC) - timedelta(days=2)).date().isoformat(),
        "freight": "customer",
        "amount": {"amount": "20.00"},
        "paid": {"amount": "20.00"},
    }
    case = await callers.step(number, "review", review, by="wang.fang")
    assert (case["state"], case["assignee"]) == ("awaiting_goods", holder)
    return number


async def change(callers: Callers, id: str, **more: Any) -> None:
    answer = await callers["root"].patch(f"/v1/staff/{id}", json={"reason": "It is so.", **more})
    assert answer.status_code == 200, answer.text


async def is_free(callers: Callers, number: str) -> bool:
    case = (await callers["root"].get(f"/v1/cases/{number}")).json()["case"]
    return case["assignee"] is None


async def returned(callers: Callers, number: str, id: str) -> None:
    """The case is in its team's list again, and its history says why."""

    async def free() -> bool:
        return await is_free(callers, number)

    await until(free)
    entries = (await callers["root"].get(f"/v1/cases/{number}/history?limit=500")).json()["items"]
    last = next(entry for entry in reversed(entries) if entry["type"] == "released")
    assert (last["actor"]["kind"], last["actor"]["on_behalf_of"]["id"]) == ("router", "root")
    assert id in last["form"]["reason"]
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def test_open_tasks_go_back_when_their_holder_leaves(callers: Callers, joiners: Any) -> None:
    id = await joiners("leaving.anna", "agent")
    numbers = [await handed(callers, id) for _ in range(3)]
    await change(callers, id, active=False)
    for number in numbers:
        await returned(callers, number, id)
    tasks = await all_pages(callers["liu.yang"], "/v1/tasks", scope="unassigned", limit=100)
    assert set(numbers) <= {each["number"] for each in tasks}
    await change(callers, id, active=False)
    assert all([await is_free(callers, number) for number in numbers]), "saying it twice is fine"


async def test_a_case_that_waits_for_its_customer_goes_back_too(
    callers: Callers, joiners: Any
) -> None:
    id = await joiners("leaving.ben", "agent")
    number = await offered(callers, id)
    await change(callers, id, active=False)
    await returned(callers, number, id)
    case = await callers.step(number, "accept_solution", by="shop")
    assert case["assignee"] is None


async def test_a_demoted_manager_keeps_no_case_that_is_too_hard(
    callers: Callers, joiners: Any
) -> None:
    id = await joiners("sinking.carl", "management")
    hard = await handed(callers, id, MAJOR)
    await change(callers, id, roles=["agent"])
    await returned(callers, hard, id)
    easy = await handed(callers, id)
    await change(callers, id, roles=["agent", "seat"])
    assert not await is_free(callers, easy), "what still fits is kept"


async def test_a_demoted_person_keeps_no_case_that_waits_for_its_customer(
    callers: Callers, joiners: Any
) -> None:
    id = await joiners("sinking.emil", "agent")
    proposed = await offered(callers, id)
    goods = await awaiting_goods(callers, id)
    await change(callers, id, roles=["agent", "seat"])
    assert not any([await is_free(callers, number) for number in (proposed, goods)])
    await change(callers, id, roles=["repairer"])
    for number in (proposed, goods):
        await returned(callers, number, id)
    case = await callers.step(proposed, "reject_solution", by="shop")
    assert (case["state"], case["assignee"]) == ("proposing", None)
    tasks = await all_pages(callers["liu.yang"], "/v1/tasks", scope="unassigned", limit=100)
    assert proposed in {each["number"] for each in tasks}
    await callers.step(proposed, "propose", OFFER, by="liu.yang")


@pytest.mark.parametrize("change_to", [{"active": False}, {"roles": ["repairer"]}])
async def test_nothing_that_is_rewound_goes_to_somebody_who_may_not(
    callers: Callers, joiners: Any, change_to: dict[str, Any]
) -> None:
    id = await joiners(f"rewound.{len(str(change_to))}", "agent")
    number = await handed(callers, id)
    seq = (await callers["root"].get(f"/v1/cases/{number}")).json()["case"]["last_seq"]
    await change(callers, id, **change_to)
    await returned(callers, number, id)
    back = {"to": seq, "reason": "Once more.", "clocks": "go_on"}
    answer = await callers["zhou.hang"].post(f"/v1/cases/{number}/rewind", json=back)
    assert answer.status_code == 200, answer.text
    assert answer.json()["case"]["assignee"] is None
    assert await is_free(callers, number)


@pytest.mark.parametrize("change_to", [{"active": False}, {"roles": ["seat"]}])
async def test_a_batch_stops_when_its_person_may_no_longer(
    callers: Callers, joiners: Any, change_to: dict[str, Any]
) -> None:
    id = await joiners(f"batching.{len(str(change_to))}", "management")
    _, key = await callers.store.keys.add(DEFAULT_TENANT, KeyOwner(OwnerKind.STAFF, id))
    mark = f"batch-of-{id}"
    numbers = [await callers.complaint(external_ref=f"{mark}-{n}") for n in range(2)]
    body = {
        "kind": "complaint",
        "where": {"external_ref": f"{mark}-0"},
        "step": "withdraw",
        "reason": "Sent twice.",
    }
    part = callers.store.batches
    added = part.add

    async def dismissed_meanwhile(*new: Any) -> Any:
        """Between the making of the batch and its first part the person is dismissed."""
        await callers.store.people.change(DEFAULT_TENANT, id, **change_to)
        return await added(*new)

    part.add = dismissed_meanwhile  # type: ignore[method-assign, assignment]
    try:
        async with api_client(callers.app, key) as client:
            made = (await client.post("/v1/batches", json=body)).json()
    finally:
        part.add = added  # type: ignore[method-assign]

    async def ended() -> bool:
        batch = (await callers["zhou.hang"].get(f"/v1/batches/{made['id']}")).json()
        return batch["ended_at"] is not None

    await until(ended)
    batch = (await callers["zhou.hang"].get(f"/v1/batches/{made['id']}")).json()
    assert (batch["state"], batch["counts"]) == ("cancelled", {"cancelled": 1})
    case = (await callers["root"].get(f"/v1/cases/{numbers[0]}")).json()["case"]
    assert case["state"] == "received"
