"""Requests to others over the API: a task of its own, answered once, four eyes; and chasing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.oracle.oracle import Oracle
from tests.api.callers import Callers, all_pages

pytestmark = pytest.mark.xdist_group("api")

SORTS = {"category": "service_attitude", "severity": "minor"}
FOUND = {"cause": "service", "reasonable": True, "finding": "The clerk was rude."}
BIG = {"solution": "800 yuan.", "cost": {"amount": "800.00"}}
ASKS = {"amount": {"amount": "800.00"}, "reason": "A loyal customer."}


async def proposing(callers: Callers) -> str:
    """A complaint in Liu's hands, who is to propose a solution."""
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "classify", SORTS)
    await callers.step(number, "claim")
    await callers.step(number, "investigate", FOUND)
    return number


async def post(callers: Callers, by: str, path: str, body: Any, **headers: str) -> Any:
    return await callers[by].post(path, json=body, headers=headers)


async def asked(callers: Callers, number: str, noun: str, body: Any, by: str = "liu.yang") -> str:
    """Ask, and return the id of the task."""
    done = await post(callers, by, f"/v1/cases/{number}/{noun}", body)
    assert done.status_code == 200, done.text
    return f"{number}-{done.json()['receipt']['first']}"


def question(team: str = "inquiries") -> dict[str, str]:
    due_at = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    return {"team": team, "question": "Is it the battery?", "due_at": due_at}


async def tasks(callers: Callers, by: str, **query: str) -> dict[str, Any]:
    return {each["id"]: each for each in await all_pages(callers[by], "/v1/tasks", **query)}


async def test_an_approval_is_asked_once_and_given_by_another(callers: Callers) -> None:
    number = await proposing(callers)
    path, key = f"/v1/cases/{number}/approval-requests", {"Idempotency-Key": f"ask-{number}"}
    done = await post(callers, "liu.yang", path, ASKS, **key)
    again = await post(callers, "liu.yang", path, ASKS, **key)
    assert (done.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert done.json()["receipt"]["first"] == again.json()["receipt"]["first"]
    id = f"{number}-{done.json()['receipt']['first']}"

    listed = (await tasks(callers, "zhou.hang", scope="unassigned", request="approval"))[id]
    assert (listed["request"], listed["asked_by"], listed["asks"]) == (
        "approval",
        "liu.yang",
        ASKS["reason"],
    )
    assert id not in await tasks(callers, "chen.min", scope="unassigned")
    own = await post(callers, "liu.yang", f"/v1/tasks/{id}/approve", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_request")
    beyond = await post(callers, "wang.fang", f"/v1/tasks/{id}/approve", {})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_a_candidate")


async def test_whoever_took_a_request_gives_the_approval(callers: Callers) -> None:
    number = await proposing(callers)
    id = await asked(callers, number, "approval-requests", ASKS)
    claimed = await post(callers, "zhou.hang", f"/v1/tasks/{id}/claim", {})
    assert claimed.status_code == 200, claimed.text
    assert id in await tasks(callers, "zhou.hang", scope="mine")
    assert (await callers["zhou.hang"].get(f"/v1/tasks/{id}")).json()["task_actions"] == [
        "release_request",
        "approve_request",
        "decline_request",
        "withdraw_request",
    ]
    given = await post(callers, "zhou.hang", f"/v1/tasks/{id}/approve", {"note": "Yes."})
    assert given.status_code == 200, given.text
    twice = await post(callers, "zhou.hang", f"/v1/tasks/{id}/decline", {"reason": "No."})
    assert (twice.status_code, twice.json()["code"]) == (409, "request_settled")
    case = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    (request,) = case["requests"]
    assert (request["state"], request["answer"], request["granted"]["amount"]) == (
        "approved",
        "Yes.",
        "800.00",
    )
    assert case["case"]["unseen_by"] == ["liu.yang"]
    assert (await callers["shop"].get(f"/v1/cases/{number}")).json()["requests"] == []
    assert (await callers.step(number, "propose", BIG))["unseen_by"] == []
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def test_a_team_answers_what_it_is_asked(callers: Callers) -> None:
    number = await proposing(callers)
    nobody = await post(
        callers, "liu.yang", f"/v1/cases/{number}/assistance-requests", question("none")
    )
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/team")
    id = await asked(callers, number, "assistance-requests", question())
    assert id in await tasks(callers, "zhang.qian", scope="teams")
    assert id in await tasks(callers, "zhang.qian", scope="unassigned")
    stranger = await post(callers, "chen.min", f"/v1/tasks/{id}/answer", {"answer": "Yes."})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_in_team")
    done = await post(callers, "zhang.qian", f"/v1/tasks/{id}/answer", {"answer": "Yes."})
    assert done.status_code == 200, done.text
    items = (await callers["liu.yang"].get(f"/v1/cases/{number}/requests")).json()["items"]
    assert [(i["state"], i["answer"], i["answered_by"]) for i in items] == [
        ("answered", "Yes.", "zhang.qian")
    ]
    assert id not in await tasks(callers, "zhang.qian", scope="all")
    assert (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["case"][
        "assignee"
    ] == "liu.yang"


async def test_what_is_open_lapses_with_the_case(callers: Callers) -> None:
    number = await proposing(callers)
    id = await asked(callers, number, "approval-requests", ASKS)
    back = await asked(callers, number, "assistance-requests", question())
    taken_back = await post(callers, "liu.yang", f"/v1/tasks/{back}/withdraw", {})
    assert taken_back.status_code == 200, taken_back.text
    await callers.step(number, "withdraw", {"reason": "The customer called."})
    items = (await callers["liu.yang"].get(f"/v1/cases/{number}/requests")).json()["items"]
    assert [each["state"] for each in items] == ["lapsed", "withdrawn"]
    assert id not in await tasks(callers, "zhou.hang", scope="all")
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def test_chases_are_counted_shown_and_found(callers: Callers) -> None:
    number = await proposing(callers)
    before = (await callers["liu.yang"].get(f"/v1/cases/{number}")).headers["ETag"]
    path = f"/v1/cases/{number}/chases"
    body, key = {"channel": "app", "note": "Where is it?"}, {"Idempotency-Key": f"chase-{number}"}
    done = await post(callers, "shop", path, body, **key)
    assert done.status_code == 200, done.text
    assert (await post(callers, "shop", path, body, **key)).headers["Idempotent-Replayed"]
    assert (await post(callers, "chen.min", path, {"channel": "phone"})).status_code == 200
    assert (await post(callers, "app", path, {"channel": "app"})).status_code == 404
    wrong = await post(callers, "shop", path, {"channel": "pigeon"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/channel")
    after = await callers["liu.yang"].get(f"/v1/cases/{number}")
    case = after.json()["case"]
    assert (case["chases"], case["unseen_by"]) == (2, ["liu.yang"])
    assert after.headers["ETag"] == before
    assert (await callers["shop"].get(f"/v1/cases/{number}")).json()["case"]["unseen_by"] == []
    chased = await all_pages(callers["liu.yang"], "/v1/cases", chased="true")
    assert number in [each["number"] for each in chased]
    calm = await all_pages(callers["liu.yang"], "/v1/cases", chased="false")
    assert number not in [each["number"] for each in calm]
