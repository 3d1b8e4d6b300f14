"""Batches over cases that are named one by one, of several kinds; and the failed ones once more."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.authentication import Principal
from app.batches import do_as_tried, retry_failed
from app.errors import Forbidden, KeyReused, NothingToDo
from domain.batches import Batch, BatchOutcome, BatchResult
from domain.engine.messages import Command
from domain.language.entries import EntryType
from domain.language.roles import ActorKind
from ops.batch_attempt import request_of
from store.batches.records import BatchItem
from temporal.case_client import CaseClient
from tests.api.callers import Callers
from tests.api.test_batches import begun, ended
from tests.support.cases import SORTED, ZHOU

pytestmark = pytest.mark.xdist_group("api")
LEAD, MANAGER, REASON = "wang.fang", "zhou.hang", "Zhang Qian is on leave."


async def classified(callers: Callers, **more: str) -> str:
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "classify", {**SORTED, **more})
    return number


async def inquiry(callers: Callers) -> str:
    return await callers.complaint(kind="inquiry")


def named(numbers: list[str], step: str, form: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"numbers": numbers, "step": step, "form": form, "reason": REASON, **more}


async def start(callers: Callers, by: str, path: str = "", **more: Any) -> dict[str, Any]:
    answer = await callers[by].post(f"/v1/batches{path}", **more)
    assert answer.status_code == 201, answer.text
    batch: dict[str, Any] = answer.json()
    return batch


async def test_a_lead_gives_named_cases_of_two_kinds_a_priority(callers: Callers) -> None:
    numbers = [await classified(callers), await inquiry(callers)]
    body = named([*numbers, numbers[0]], "prioritise", {"priority": "P1"})
    made = await start(callers, LEAD, json=body)
    assert (made["kind"], made["size"], made["retries"]) == (None, 2, None)
    batch, items = await ended(callers, made["id"])
    assert batch["counts"] == {"done": 2}
    assert list(items) == numbers
    for number in numbers:
        case = (await callers[LEAD].get(f"/v1/cases/{number}")).json()["case"]
        assert case["priority"] == "P1"
        newest = (await callers.store.entries.of("default", number))[-1]
        assert (newest.type, newest.form["reason"]) == (EntryType.PRIORITISED, REASON)


async def test_only_what_failed_is_tried_again(callers: Callers) -> None:
    """Two of four are too hard for the assignee; one of them is not any more at the retry."""
    good = [await classified(callers) for _ in range(2)]
    hard = [await classified(callers, severity="serious") for _ in range(2)]
    body = named([good[0], *hard, good[1]], "assign", {"assignee": "liu.yang"})
    first, items = await ended(callers, (await start(callers, MANAGER, json=body))["id"])
    assert first["counts"] == {"done": 2, "refused": 2}
    assert {items[number]["code"] for number in hard} == {"not_a_candidate"}

    await callers.step(hard[1], "reclassify", dict(SORTED), by=MANAGER)
    headers = {"Idempotency-Key": f"again-{first['id']}"}
    path = f"/{first['id']}/retry"
    made = await start(callers, MANAGER, path, headers=headers)
    assert (await start(callers, MANAGER, path, headers=headers))["id"] == made["id"]
    assert (made["retries"], made["size"], made["actor"]["id"]) == (first["id"], 2, MANAGER)
    second, items = await ended(callers, made["id"])
    assert (second["counts"], list(items)) == ({"done": 1, "refused": 1}, hard)

    last = await start(callers, MANAGER, f"/{made['id']}/retry")
    third, items = await ended(callers, last["id"])
    assert (third["counts"], list(items)) == ({"refused": 1}, hard[:1])
    other = await callers[MANAGER].post(f"/v1/batches/{last['id']}/retry", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    fresh = await callers[MANAGER].post("/v1/batches", json=body, headers=headers)
    assert (fresh.status_code, fresh.json()["code"]) == (422, "key_reused")


async def test_who_did_not_answer_is_sent_the_same_request(callers: Callers) -> None:
    """The first batch's request was done, and nobody heard of it: no customer is told twice."""
    number = await callers.complaint()
    batch = Batch(
        tenant="default", id="abad1dea", at=datetime.now(UTC), actor=ZHOU, kind="complaint",
        command=Command(step="notify", form={"text": "It comes on Friday."}), reason=REASON,
        dry_run=False, which={}, digest="d", size=1,
    )  # fmt: skip
    await callers.store.batches.add(batch, [number])
    item = BatchItem(place=1, number=number)
    await CaseClient(callers.engine.client).submit(number, request_of(batch, item))
    unanswered = BatchResult(came=BatchOutcome.UNANSWERED)
    await callers.store.batch_items.record_result(batch, item, unanswered)
    running = await callers[MANAGER].post("/v1/batches/abad1dea/retry")
    assert (running.status_code, running.json()["code"]) == (409, "batch_runs")
    await callers.store.batches.end("default", "abad1dea", cancelled=False)

    made = await start(callers, MANAGER, "/abad1dea/retry")
    again, items = await ended(callers, made["id"])
    assert (again["counts"], items[number]["result"]) == ({"done": 1}, "done")
    entries = await callers.store.entries.of("default", number)
    told = [entry for entry in entries if entry.type is EntryType.NOTIFIED]
    assert [entry.cause.request for entry in told] == [f"batch:abad1dea:{number}"]
    done = await callers[MANAGER].post(f"/v1/batches/{made['id']}/retry")
    assert (done.status_code, done.json()["code"]) == (409, "nothing_failed")


async def test_the_assignee_has_the_roles_of_the_day_of_the_retry(callers: Callers) -> None:
    number = await classified(callers)
    await callers.store.people.add_staff("default", "gao.yuan", "高远", ("logistics",))
    body = named([number], "assign", {"assignee": "gao.yuan"})
    first, _ = await ended(callers, (await start(callers, LEAD, json=body))["id"])
    assert first["counts"] == {"refused": 1}
    await callers.store.people.change("default", "gao.yuan", roles=("agent",))
    made = await start(callers, LEAD, f"/{first['id']}/retry")
    second, _ = await ended(callers, made["id"])
    assert second["counts"] == {"done": 1}
    newest = (await callers.store.entries.of("default", number))[-1]
    assert newest.form["roles"] == ["agent"]

    await callers.store.people.change("default", "gao.yuan", active=False)
    gone = await callers[LEAD].post(f"/v1/batches/{first['id']}/retry")
    assert (gone.status_code, gone.json()["code"]) == (422, "unknown_staff")


async def test_what_a_trial_found_is_done_in_those_cases_alone(callers: Callers) -> None:
    """Once, whoever asks twice under a key; a batch that was no trial has nothing to be done."""
    good, hard = await classified(callers), await classified(callers, severity="serious")
    body = named([good, hard], "assign", {"assignee": "liu.yang"}, dry_run=True)
    trial, _ = await ended(callers, (await start(callers, MANAGER, json=body))["id"])
    assert trial["counts"] == {"would": 1, "refused": 1}
    services = callers.app.state.services
    manager = Principal("default", ActorKind.STAFF, MANAGER, ("management",))
    real, _ = await do_as_tried(services, manager, trial["id"], "now")
    again, replayed = await do_as_tried(services, manager, trial["id"], "now")
    assert (real.batch.retries, real.batch.dry_run, real.batch.size) == (trial["id"], False, 1)
    assert (again.batch.id, replayed) == (real.batch.id, True)
    batch, items = await ended(callers, real.batch.id)
    assert (batch["counts"], list(items)) == ({"done": 1}, [good])
    case = await callers.store.cases.get("default", good)
    assert case is not None
    assert case.assignee == "liu.yang"
    with pytest.raises(NothingToDo):
        await do_as_tried(services, manager, real.batch.id, None)
    with pytest.raises(KeyReused):
        await retry_failed(services, manager, trial["id"], "now")
    agent = Principal("default", ActorKind.STAFF, "liu.yang", ("agent",))
    with pytest.raises(Forbidden):
        await do_as_tried(services, agent, trial["id"], None)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"numbers": ["TS202603020000000"]}, "/numbers/0", "unknown_case"),
        ({"kind": "inquiry"}, "/numbers/0", "other_kind"),
        ({"step": "withdraw", "form": {"reason": "x"}}, "/kind", "kind_needed"),
        ({"numbers": None}, "/kind", "kind_needed"),
        ({"numbers": []}, "/numbers", "too_short"),
        ({"numbers": ["x"] * 10_001}, "/numbers", "too_long"),
        ({"where": {"stage": "accept"}}, "/where", "where_with_numbers"),
        ({"step": "claim", "form": {}}, "/step", "not_in_batches"),
        ({"form": {"priority": "P9"}}, "/form/priority", "enum"),
    ],
)
async def test_what_is_named_wrongly_begins_nothing(
    callers: Callers, change: dict[str, Any], pointer: str, code: str
) -> None:
    number = await callers.complaint()
    body = named([number], "prioritise", {"priority": "P2"})
    answer = await callers[LEAD].post("/v1/batches", json={**body, **change})
    faults = answer.json()["errors"]
    assert (answer.status_code, [(f["pointer"], f["code"]) for f in faults]) == (
        422,
        [(pointer, code)],
    )


async def test_a_case_of_another_tenant_is_not_there(callers: Callers) -> None:
    """Its number is spelled right and its workflow runs; the store of this tenant has no row."""
    number = await callers.complaint()
    case = await callers.store.cases.get("default", number)
    assert case is not None
    assert await callers.store.cases.kinds("another", [number]) == {}
    assert await callers.store.cases.kinds("default", [number, "x"]) == {number: "complaint"}


async def test_a_kind_may_be_named_with_numbers(callers: Callers) -> None:
    number = await callers.complaint()
    body = named([number], "withdraw", {}, kind="complaint", dry_run=True)
    batch, _ = await ended(callers, (await begun(callers, body))["id"])
    assert (batch["kind"], batch["counts"]) == ("complaint", {"would": 1})
