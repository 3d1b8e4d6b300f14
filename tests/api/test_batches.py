"""Batches: in whose name they act, what is refused, dry runs, and how they are stopped."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.batches import BatchRun, BatchState
from tests.api.callers import Callers
from tests.support.corrupted_rows import corrupted_rows
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")
MANAGER, REASON = "zhou.hang", "The campaign is over."


def wanted(since: datetime, **more: Any) -> dict[str, Any]:
    """Start a batch that withdraws all complaints received since."""
    where = {"received_from": since.isoformat()}
    given = {"kind": "complaint", "where": where, "step": "withdraw", "reason": REASON}
    return {**given, **more}


async def begun(callers: Callers, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await callers[MANAGER].post("/v1/batches", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ended(callers: Callers, id: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the batch once it has ended, and its items by case number."""

    async def over() -> bool:
        return bool((await callers[MANAGER].get(f"/v1/batches/{id}")).json()["ended_at"])

    await until(over)
    items = list[dict[str, Any]]()
    after: int | None = 0
    while after is not None:
        query = {"limit": 500, "after": after}
        page = (await callers[MANAGER].get(f"/v1/batches/{id}/items", params=query)).json()
        items, after = [*items, *page["items"]], page["next"]
    batch: dict[str, Any] = (await callers[MANAGER].get(f"/v1/batches/{id}")).json()
    return batch, {item["number"]: item for item in items}


async def test_each_case_is_asked_and_what_is_refused_is_told(callers: Callers) -> None:
    since = datetime.now(UTC)
    numbers = [await callers.complaint() for _ in range(5)]
    await callers.step(numbers[0], "withdraw", {"reason": "x"}, by=MANAGER)
    events = [await callers.events(number) for number in numbers]

    tried = await begun(callers, wanted(since, dry_run=True))
    batch, items = await ended(callers, tried["id"])
    assert (batch["state"], batch["size"], batch["remaining"]) == ("done", 5, 0)
    assert batch["counts"] == {"would": 4, "refused": 1}
    assert items[numbers[0]]["code"] == "step_not_offered"
    assert [await callers.events(number) for number in numbers] == events, (
        "a dry run changes nothing"
    )

    made = await begun(callers, wanted(since), "once")
    again = await begun(callers, wanted(since), "once")
    assert again["id"] == made["id"]
    batch, items = await ended(callers, made["id"])
    assert batch["counts"] == {"done": 4, "refused": 1}
    assert {items[number]["result"] for number in numbers[1:]} == {"done"}
    for number in numbers[1:]:
        entries = await callers.store.entries.of("default", number)
        (taken,) = [entry for entry in entries if entry.step == "withdraw"]
        assert (taken.actor.id, taken.led_to) == (MANAGER, "withdrawn")
        assert taken.cause.request == f"batch:{made['id']}:{number}"
    await _are_in_the_ledger(callers, made["id"], numbers[1:])


async def test_a_spoilt_case_stops_none_of_the_others(callers: Callers) -> None:
    """One of its entries is missing, so it cannot be folded."""
    since = datetime.now(UTC)
    numbers = [await callers.complaint() for _ in range(3)]
    for number in numbers:
        await callers.step(number, "accept")
    last = len(await callers.store.entries.of("default", numbers[1]))
    with corrupted_rows(file_of(callers), numbers[1], "entries", "seq = 52", f"seq = {last}"):
        made = await begun(callers, wanted(since, dry_run=True))
        batch, items = await ended(callers, made["id"])
    assert (batch["state"], batch["remaining"]) == ("done", 0)
    spoilt = items.pop(numbers[1])
    assert (spoilt["result"], spoilt["code"]) == ("refused", "row_damaged")
    assert numbers[1] in spoilt["detail"]
    chinese = {"Accept-Language": "zh"}
    told = await callers[MANAGER].get(f"/v1/batches/{made['id']}/items", headers=chinese)
    details = {item["number"]: item["detail"] for item in told.json()["items"]}
    assert details[numbers[1]] == "数据行已损坏"
    assert {item["result"] for item in items.values()} == {"would"}


async def test_spoilt_rows_are_left_out_and_named(callers: Callers) -> None:
    since = datetime.now(UTC)
    number, other = [await callers.complaint() for _ in range(2)]
    made = await begun(callers, wanted(since, dry_run=True))
    await ended(callers, made["id"])
    path, file, mine = f"/v1/batches/{made['id']}", file_of(callers), f"batch = '{made['id']}'"
    with corrupted_rows(file, made["id"], "batches", "which = '{'", key="id"):
        page = (await callers[MANAGER].get("/v1/batches")).json()
        assert page["left_out"] == [made["id"]]
        assert made["id"] not in {each["id"] for each in page["items"]}
        assert (await callers[MANAGER].get(path)).json()["code"] == "row_damaged"
    with corrupted_rows(file, number, "batch_items", "came = 'nix'", mine):
        items = (await callers[MANAGER].get(f"{path}/items")).json()
        assert ([each["number"] for each in items["items"]], items["left_out"]) == (
            [other],
            [number],
        )
        assert (await callers[MANAGER].get(path)).json()["counts"] == {"would": 1}


async def test_only_what_is_missing_is_asked_for(callers: Callers) -> None:
    body = wanted(datetime.now(UTC), step="hold")
    answer = await callers[MANAGER].post("/v1/batches", json=body)
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/form/until"]


def file_of(callers: Callers) -> Path:
    return Path(callers.engine.url.partition(":///")[2])


async def _are_in_the_ledger(callers: Callers, id: str, done: list[str]) -> None:
    acts = await callers.store.audit_log.events("default", 100, "batch.")
    own = [act for act in acts if id in (act.subject, act.details.get("batch"))]
    assert sorted(act.what for act in own) == ["batch.applied"] * 4 + ["batch.made"]
    assert {(act.reason, act.actor.id) for act in own} == {(REASON, MANAGER)}
    assert {act.subject for act in own} == {id, *done}


async def test_batches_and_their_cases_are_listed(callers: Callers) -> None:
    since = datetime.now(UTC)
    number = await callers.complaint()
    made = await begun(callers, wanted(since, step="release", dry_run=True), "listed")
    await ended(callers, made["id"])
    listed = (await callers[MANAGER].get("/v1/batches?limit=1")).json()
    assert [each["id"] for each in listed["items"]] == [made["id"]]
    assert listed["next"]
    refused = await callers[MANAGER].get(f"/v1/batches/{made['id']}/items?result=refused")
    assert [each["number"] for each in refused.json()["items"]] == [number]
    other = await callers[MANAGER].post(
        "/v1/batches", json=wanted(since), headers={"Idempotency-Key": "listed"}
    )
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_reassignment_looks_up_the_roles_and_carries_the_reason(callers: Callers) -> None:
    since = datetime.now(UTC)
    number = await callers.complaint()
    sorted_ = {"category": "service_attitude", "severity": "minor"}
    await callers.step(number, "accept")
    await callers.step(number, "classify", sorted_)
    await callers.step(number, "assign", {"assignee": "liu.yang"})
    body = wanted(since, step="assign", form={"assignee": "zhang.qian"})
    batch, _ = await ended(callers, (await begun(callers, body))["id"])
    assert batch["counts"] == {"done": 1}
    case = await callers.store.cases.get("default", number)
    assert case is not None
    assert case.assignee == "zhang.qian"
    newest = (await callers.store.entries.of("default", number))[-1]
    assert (newest.form["roles"], newest.form["reason"]) == (["agent"], REASON)


async def test_what_is_stopped_leaves_the_rest(callers: Callers) -> None:
    """A batch that is cancelled before its first part: its workflow starts cancelled."""
    since = datetime.now(UTC)
    number = await callers.complaint()
    made = await begun(callers, wanted(since, dry_run=True))
    await ended(callers, made["id"])
    stopped = await callers[MANAGER].post(f"/v1/batches/{made['id']}/cancel")
    assert stopped.json()["state"] == "done", "one that is over stays as it is"

    found = await callers.store.batches.get("default", made["id"])
    assert found is not None
    fresh = found.batch.model_copy(
        update={"id": "feed", "state": BatchState.RUNNING, "ended_at": None}
    )
    await callers.store.batches.add(fresh, [number])
    await callers.engine.client.execute_workflow(
        "Batch", BatchRun(id="feed", cancelled=True), id="batch-feed", task_queue="cases"
    )
    batch, items = await ended(callers, "feed")
    assert (batch["state"], batch["counts"]) == ("cancelled", {"cancelled": 1})
    assert items[number]["result"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"step": "rewind"}, 422, "invalid"),
        ({"step": "dance"}, 404, "no_such_step"),
        ({"form": {"x": 1}}, 422, "wrong_form"),
        ({"kind": "party"}, 422, "invalid"),
        ({"reason": " "}, 422, "invalid"),
        ({"where": {"color": "red"}}, 422, "invalid"),
        ({"where": {"assignee": "nobody.at.all"}}, 422, "no_case_fits"),
        ({"step": "assign", "form": {"assignee": "nobody.at.all"}}, 422, "unknown_staff"),
    ],
)
async def test_what_cannot_be_is_refused_at_once(
    callers: Callers, change: dict[str, Any], status: int, code: str
) -> None:
    await callers.complaint()
    answer = await callers[MANAGER].post(
        "/v1/batches", json=wanted(datetime(2026, 1, 1, tzinfo=UTC), **change)
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_only_managers_and_administrators_may(callers: Callers) -> None:
    body = wanted(datetime.now(UTC))
    for who, status in (("liu.yang", 403), ("shop", 403), ("nobody", 401), ("root", 422)):
        assert (await callers[who].post("/v1/batches", json=body)).status_code == status, who
    assert (await callers["liu.yang"].get("/v1/batches")).status_code == 403
    missing = await callers["root"].get("/v1/batches/abc")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_batch")
