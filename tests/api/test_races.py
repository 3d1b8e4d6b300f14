"""Twenty people do the same at once: one succeeds, the others are told who it was."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import Callers, api_client
from tests.support.cases import SORTED

pytestmark = pytest.mark.xdist_group("api")

MANY = 20


@pytest.fixture(scope="module")
async def crowd(callers: Callers) -> dict[str, str]:
    """Twenty agents and their keys."""
    keys = {}
    for n in range(MANY):
        id = f"agent.{n}"
        await callers.store.people.add_staff("default", id, id, ("agent",), ("complaints",))
        keys[id] = (await callers.store.keys.add("default", KeyOwner(OwnerKind.STAFF, id)))[1]
    return keys


async def rush(
    callers: Callers, crowd: dict[str, str], path: str, form: Mapping[str, Any] | None = None
) -> tuple[str, Counter[str]]:
    """Return the winner, and how often each refusal named them."""
    clients = {id: api_client(callers.app, key) for id, key in crowd.items()}
    answers = await asyncio.gather(*(each.post(path, json=form or {}) for each in clients.values()))
    for each in clients.values():
        await each.aclose()
    found = dict(zip(clients, answers, strict=True))
    winners = [id for id, answer in found.items() if answer.status_code == 200]
    assert len(winners) == 1, [answer.text for answer in answers]
    losers = [answer.json() for id, answer in found.items() if id not in winners]
    assert {loser["status"] for loser in losers} == {409}
    assert {loser["params"]["by"] for loser in losers} == set(winners)
    assert all(winners[0] in loser["detail"] for loser in losers)
    return winners[0], Counter(loser["code"] for loser in losers)


async def test_a_step_is_taken_once(callers: Callers, crowd: dict[str, str]) -> None:
    number = await callers.complaint()
    winner, refusals = await rush(callers, crowd, f"/v1/cases/{number}/steps/accept")
    assert refusals == {"step_not_offered": MANY - 1}
    entries = (await callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert [(e["step"], e["actor"]["id"]) for e in entries[1:]] == [("accept", winner)]


async def test_a_task_is_claimed_once(callers: Callers, crowd: dict[str, str]) -> None:
    number = await callers.complaint()
    winner, refusals = await rush(callers, crowd, f"/v1/tasks/{number}-1/claim")
    assert refusals == {"task_taken": MANY - 1}
    found = (await callers["liu.yang"].get(f"/v1/tasks/{number}-1")).json()
    assert found["task"]["assignee"] == winner


async def test_a_step_that_stays_is_taken_once_too(callers: Callers, crowd: dict[str, str]) -> None:
    number = await callers.complaint()
    for step, form in (("accept", {}), ("classify", SORTED)):
        await callers.step(number, step, form)
    worse = {**SORTED, "urgency": "high"}
    path = f"/v1/cases/{number}/steps/reclassify"
    winner, refusals = await rush(callers, crowd, path, worse)
    assert refusals == {"step_just_done": MANY - 1}
    again = await callers["liu.yang"].post(path, json=worse)
    assert (again.status_code, again.json()["params"]["by"]) == (409, winner)
    seen = (await callers["liu.yang"].get(f"/v1/cases/{number}")).headers["etag"]
    knowing = await callers["liu.yang"].post(path, json=worse, headers={"If-Match": seen})
    assert knowing.status_code == 200, knowing.text
