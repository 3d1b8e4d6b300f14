"""Lists: filters, all pages by cursor, and cursors that are valid for one query only."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.api.callers import WORDS, Callers, all_pages, new_case
from tests.support.cases import SORTED

pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture(scope="module")
async def some(callers: Callers) -> list[str]:
    """Seven complaints for one customer, in the order they were started."""
    given = {"customer": {"contacts": [{"kind": "wechat", "value": "lists"}]}}
    cases = [new_case(**given) for _ in range(7)]
    return [
        (await callers["shop"].post("/v1/cases", json=case)).json()["case"]["number"]
        for case in cases
    ]


@pytest.fixture(scope="module")
async def theirs(callers: Callers, some: list[str]) -> str:
    """That customer's reference."""
    case = (await callers["shop"].get(f"/v1/cases/{some[0]}")).json()["case"]
    customer: str = case["customer"]
    return customer


async def test_a_walk_finds_every_case_once(callers: Callers, some: list[str], theirs: str) -> None:
    items = await all_pages(callers["liu.yang"], "/v1/cases", customer=theirs, limit=2)
    assert [item["number"] for item in items] == some[::-1]
    assert {item["words"] for item in items} == {WORDS}


async def test_filters_are_joined(callers: Callers, some: list[str], theirs: str) -> None:
    await callers.step(some[0], "withdraw", by="shop")
    await callers.step(some[1], "accept")
    for filters, wanted in (
        ({"open": "false"}, some[:1]),
        ({"outcome": "withdrawn"}, some[:1]),
        ({"state": "accepted"}, some[1:2]),
        ({"stage": "classify", "kind": "complaint"}, some[1:2]),
        ({"kind": "inquiry"}, []),
        ({"source": "shop", "channel": "review", "open": "true"}, some[:0:-1]),
        ({"received_from": "2100-01-01T00:00:00Z"}, []),
    ):
        found = await all_pages(callers["liu.yang"], "/v1/cases", customer=theirs, **filters)
        assert [item["number"] for item in found] == wanted, filters


async def test_a_cursor_is_for_one_question_of_one_caller(
    callers: Callers, some: list[str], theirs: str
) -> None:
    assert some
    asked = {"customer": theirs, "limit": "2"}
    agent = callers["liu.yang"]
    cursor = (await agent.get("/v1/cases", params=asked)).json()["next"]
    assert (await agent.get("/v1/cases", params={**asked, "cursor": cursor})).status_code == 200
    middle = len(cursor) // 2
    swapped = "A" if cursor[middle] != "A" else "B"
    tampered = cursor[:middle] + swapped + cursor[middle + 1 :]
    for caller, wrong in (
        (agent, {**asked, "cursor": tampered}),
        (agent, {**asked, "cursor": "x"}),
        (agent, {**asked, "cursor": "é"}),
        (agent, {**asked, "cursor": cursor, "kind": "complaint"}),
        (agent, {"cursor": cursor}),
        (callers["shop"], {**asked, "cursor": cursor}),
    ):
        answer = await caller.get("/v1/cases", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor"), wrong


@pytest.mark.parametrize(
    "wrong",
    [{"limit": "0"}, {"limit": "101"}, {"colour": "red"}, {"open": "perhaps"}, {"kind": "a b"}],
)
async def test_a_filter_that_is_not_one_is_refused(callers: Callers, wrong: dict[str, str]) -> None:
    answer = await callers["liu.yang"].get("/v1/cases", params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == f"query/{next(iter(wrong))}"


async def test_tasks_are_mine_my_teams_or_nobodys(callers: Callers) -> None:
    agent, lead = callers["liu.yang"], callers["wang.fang"]
    number = await callers.complaint()
    ours: dict[str, Any] = {"kind": "complaint", "limit": 100}

    async def scopes(caller: httpx.AsyncClient) -> set[str]:
        return {
            scope
            for scope in ("mine", "teams", "unassigned", "all")
            for item in await all_pages(caller, "/v1/tasks", scope=scope, **ours)
            if item["number"] == number
        }

    assert await scopes(agent) == {"teams", "unassigned", "all"}
    assert await scopes(callers["zhang.qian"]) == {"unassigned", "all"}
    assert await scopes(callers["root"]) == {"all"}
    await agent.post(f"/v1/tasks/{number}-1/claim")
    assert await scopes(agent) == {"mine", "teams", "all"}
    assigned = await lead.post(
        f"/v1/tasks/{number}-1/assign", json={"assignee": "wang.fang", "reason": "我来处理"}
    )
    assert assigned.json()["case"]["assignee"] == "wang.fang"
    assert await scopes(lead) == {"mine", "teams", "all"}
    put_back = await lead.post(f"/v1/tasks/{number}-1/release", json={"reason": "下班"})
    assert put_back.status_code == 200, put_back.text
    assert await scopes(lead) == {"teams", "unassigned", "all"}


async def test_tasks_come_soonest_due_first_with_filters(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "classify", {**SORTED, "impact": "many", "urgency": "high"})
    agent = callers["liu.yang"]
    urgent = await all_pages(agent, "/v1/tasks", scope="all", priority="P1", stage="assign")
    assert number in [item["number"] for item in urgent]
    everything = await all_pages(agent, "/v1/tasks", scope="all", limit=3)
    order = [(moment(item["due_at"]), item["number"]) for item in everything]
    assert order == sorted(order)
    late = await all_pages(agent, "/v1/tasks", scope="all", overdue=True)
    assert late == [item for item in everything if item in late]
    soon = await all_pages(agent, "/v1/tasks", scope="all", due_within="PT30M")
    assert {item["number"] for item in soon} >= {item["number"] for item in late}
    assert number not in {item["number"] for item in soon}
    assert {item["id"] for item in everything} == {
        f"{item['number']}-{item['seq']}" for item in everything
    }
    system = await callers["shop"].get("/v1/tasks")
    assert (system.status_code, system.json()["code"]) == (403, "forbidden")


def moment(told: str | None) -> datetime:
    """Return a time as one; as texts, "58Z" would come after "58.9Z". None is after all times."""
    return datetime.fromisoformat(told) if told else datetime.max.replace(tzinfo=UTC)


async def test_a_history_is_read_in_parts(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "classify", SORTED)
    path, params = f"/v1/cases/{number}/history", {"limit": 2}
    first = (await callers["shop"].get(path, params=params)).json()
    rest = (await callers["shop"].get(path, params={**params, "after": first["next"]})).json()
    assert [e["seq"] for e in first["items"] + rest["items"]] == [1, 2, 3]
    assert (first["next"], rest["next"]) == (2, None)
    assert [e["led_to"] for e in rest["items"]] == ["classified"]
