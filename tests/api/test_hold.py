"""Tasks on hold through the API: put on hold, listed, refused, resumed; and by a batch."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.oracle.oracle import Oracle
from tests.api.callers import Callers
from tests.api.test_batches import MANAGER, begun, ended
from tests.support.cases import SORTED
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")
HOUR = timedelta(hours=1)
PART = "配件周五到货。"


def later(time: timedelta = HOUR) -> str:
    return (datetime.now(UTC) + time).isoformat()


async def handed(callers: Callers, to: str = "liu.yang") -> str:
    """Return the task of a complaint that an agent has claimed."""
    number = await callers.complaint()
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", dict(SORTED), by="chen.min")
    await callers.step(number, "assign", {"assignee": to}, by="chen.min")
    task: str = (await callers[to].get(f"/v1/cases/{number}")).json()["task"]["id"]
    return task


async def whole(callers: Callers, task: str, by: str = "liu.yang", **asked: Any) -> dict[str, Any]:
    answer = await callers[by].get(f"/v1/cases/{task.partition('-')[0]}", params=asked)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(callers: Callers, **asked: Any) -> set[str]:
    """Return the caller's open tasks."""
    answer = await callers["liu.yang"].get("/v1/tasks", params={"limit": 100, **asked})
    return {task["id"] for task in answer.json()["items"]}


async def test_a_task_is_put_on_hold_and_taken_up_again(callers: Callers) -> None:
    task, back = await handed(callers), later()
    assert {"hold", "notify"} <= set((await whole(callers, task))["task_actions"])
    body, once = {"until": back, "reason": PART}, {"Idempotency-Key": "hold-1"}
    done = await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=body, headers=once)
    assert done.status_code == 200, done.text
    etag = done.headers["ETag"]
    again = await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=body, headers=once)
    assert again.headers["Idempotent-Replayed"] == "true"

    seen = await whole(callers, task)
    assert datetime.fromisoformat(seen["hold"]["until"]) == datetime.fromisoformat(back)
    assert (seen["hold"]["reason"], seen["hold"]["by"]) == (PART, "liu.yang")
    assert "resume" in seen["task_actions"]
    assert "hold" not in seen["task_actions"]
    assert task not in await listed(callers)
    assert task in await listed(callers, on_hold=True)
    assert task in await listed(callers, due_within="P3D"), "its time runs on"
    assert task not in await listed(callers, due_within="P3D", on_hold=False)
    number = task.partition("-")[0]
    held = await callers["liu.yang"].get("/v1/cases", params={"on_hold": True, "limit": 100})
    assert number in {case["number"] for case in held.json()["items"]}

    system = await whole(callers, task, "shop")
    assert system["hold"] is None, "why it waits is ours to know"
    past = await whole(callers, task, seq=seen["hold"]["seq"] - 1)
    assert (past["hold"], past["case"]["on_hold_until"]) == (None, None)

    stale = await callers["liu.yang"].post(f"/v1/tasks/{task}/resume", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    done = await callers["wang.fang"].post(f"/v1/tasks/{task}/resume", headers={"If-Match": etag})
    assert done.status_code == 200, done.text
    assert (await whole(callers, task))["hold"] is None
    assert task in await listed(callers)
    record = await callers["liu.yang"].get(f"/v1/cases/{number}/record")
    assert record.is_success
    assert PART not in record.text


async def test_it_comes_back_by_itself(callers: Callers) -> None:
    task = await handed(callers)
    body = {"until": later(timedelta(seconds=1.5)), "reason": PART}
    done = await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=body)
    assert done.status_code == 200, done.text

    async def back() -> bool:
        return task in await listed(callers)

    await until(back)
    number = task.partition("-")[0]
    entry = (await callers.store.entries.of("default", number))[-1]
    assert (entry.type, entry.actor.kind) == ("resumed", "timer")
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


@pytest.mark.parametrize(
    ("who", "act", "body", "status", "code"),
    [
        ("liu.yang", "hold", {"until": "2020-01-01T00:00:00Z", "reason": "x"}, 422, "hold_past"),
        ("liu.yang", "hold", {"until": "2199-01-01T00:00:00Z", "reason": "x"}, 422, "hold_too_far"),
        ("liu.yang", "hold", {"until": "2199-01-01T00:00:00", "reason": "x"}, 422, "invalid"),
        ("liu.yang", "hold", {"until": "2199-01-01T00:00:00Z"}, 422, "invalid"),
        ("liu.yang", "resume", None, 409, "not_on_hold"),
        ("zhang.qian", "hold", {"until": "2020-01-01T00:00:00Z", "reason": "x"}, 409, "task_taken"),
        ("shop", "hold", {"until": "2020-01-01T00:00:00Z", "reason": "x"}, 403, "step_not_allowed"),
    ],
)
async def test_what_is_refused(
    callers: Callers, who: str, act: str, body: Any, status: int, code: str
) -> None:
    task = await handed(callers)
    answer = await callers[who].post(f"/v1/tasks/{task}/{act}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_one_that_nobody_holds_is_claimed_first(callers: Callers) -> None:
    task = await handed(callers)
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/release")).is_success
    body = {"until": later(), "reason": PART}
    refused = await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "task_not_claimed")
    assert "claim it first" in refused.json()["detail"]


async def test_many_are_put_on_hold_written_to_and_taken_up_by_batches(callers: Callers) -> None:
    since = datetime.now(UTC)
    tasks = [await handed(callers, MANAGER) for _ in range(3)]
    fresh = await callers.complaint()
    numbers = {task.partition("-")[0] for task in tasks}
    where = {"received_from": since.isoformat()}
    form = {"until": later()}
    hold = {"kind": "complaint", "step": "hold", "form": form, "reason": PART, "where": where}

    batch, items = await ended(callers, (await begun(callers, {**hold, "dry_run": True}))["id"])
    assert batch["counts"] == {"would": 4}, "the one that nobody took, too: they lead"
    assert [(await whole(callers, task))["hold"] for task in tasks] == [None] * 3
    batch, items = await ended(callers, (await begun(callers, hold))["id"])
    assert batch["counts"] == {"done": 4}
    seen = await whole(callers, tasks[0])
    assert (seen["hold"]["reason"], seen["hold"]["by"]) == (PART, MANAGER)

    text = {"text": "配件延误，周五前给您答复。"}
    said = {"kind": "complaint", "step": "notify", "form": text, "reason": "The maker is late."}
    batch, items = await ended(callers, (await begun(callers, {**said, "where": where}))["id"])
    assert batch["counts"] == {"done": 4}
    assert text["text"] not in str(batch)
    for number in numbers:
        notices = (await callers["liu.yang"].get(f"/v1/cases/{number}/notices")).json()["items"]
        assert [n["text"] for n in notices if n["template"] == "message"] == [text["text"]]

    again = {"kind": "complaint", "step": "resume", "reason": "It came."}
    on_hold = {**where, "on_hold": True}
    batch, items = await ended(callers, (await begun(callers, {**again, "where": on_hold}))["id"])
    assert (batch["counts"], set(items)) == ({"done": 4}, numbers | {fresh})
    batch, items = await ended(callers, (await begun(callers, {**again, "where": where}))["id"])
    assert batch["counts"] == {"refused": 4}
    assert {item["code"] for item in items.values()} == {"not_on_hold"}
