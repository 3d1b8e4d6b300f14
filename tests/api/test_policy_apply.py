"""Running cases are given a policy: what the comparison showed is what happens, also in pieces."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from app.order_turns import order_turn
from app.related_cases import refuse_because_of_others
from app.unit_claims import claim_again
from cases import KINDS
from domain.batches import Batch, BatchResult, BatchRun
from domain.engine.kept_policy import CHANGE_POLICY, PolicyChange
from domain.engine.messages import DEFAULT_TENANT, Command
from domain.language.entries import EntryType
from ops.batch_attempt import BatchAttempt
from policies.check import check_for_publication
from policies.documents import calendars
from store.batches.records import BatchItem
from store.errors import StoreDown
from temporal.case_client import CaseClient
from tests.api.callers import Callers
from tests.api.test_batch_retries import classified, inquiry
from tests.api.test_batches import ended
from tests.api.test_policies import AUTHOR, OTHER, document, in_force, publish, release
from tests.api.test_policy_diff import LONGER, diff
from tests.support.cases import ZHOU

pytestmark = pytest.mark.xdist_group("api")
CASES = 24
QUICKER = ("response: {budget: PT15M", "response: {budget: PT14M")


async def start(callers: Callers, version: str, by: str = OTHER, **more: Any) -> Any:
    body = {"reason": "The holidays.", **more}
    return await callers[by].post(f"/v1/policies/{version}/apply", json=body)


async def some_cases(callers: Callers) -> list[str]:
    """Return the numbers of some dozens of cases of two kinds, in several states."""

    async def one(n: int) -> str:
        if n % 3 == 0:
            return await inquiry(callers)
        if n % 3 == 1:
            return await callers.complaint()
        return await classified(callers, severity="serious" if n % 2 else "moderate")

    return list(await asyncio.gather(*map(one, range(CASES))))


async def as_shown(callers: Callers, number: str) -> dict[str, Any]:
    """Return what a case is promised, its team and its priority, as its row and clocks say."""
    case = (await callers[AUTHOR].get(f"/v1/cases/{number}")).json()["case"]
    clocks = (await callers[AUTHOR].get(f"/v1/cases/{number}/clocks")).json()["items"]
    due = {(each["clock"], each["instance"]): each["due_at"] for each in clocks}
    return {"due": due, "team": case["team"], "priority": case["priority"]}


def after(before: dict[str, Any], effect: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a case should be like once what was shown has happened."""
    if effect is None:
        return before
    due = {**before["due"]}
    for each in effect["clocks"]:
        due[each["clock"], each["instance"]] = each["due_after"]
    named = {
        name: effect[name]["after"] if effect[name] else before[name]
        for name in ("team", "priority")
    }
    return {"due": due, **named}


async def test_what_was_shown_is_what_happens(callers: Callers) -> None:
    numbers = await some_cases(callers)
    text = document("t-apply", LONGER, QUICKER, ("urgency: [high, normal]", "urgency: high"))
    await in_force(callers, text, "t-apply")
    effects = {each["number"]: each for each in (await diff(callers, text, limit=100))[0]}
    before = {number: await as_shown(callers, number) for number in numbers}
    tried = (await start(callers, "t-apply", dry_run=True)).json()
    trial, _ = await ended(callers, tried["id"])
    assert {number: await as_shown(callers, number) for number in numbers} == before
    batch, items = await ended(callers, (await start(callers, "t-apply")).json()["id"])
    assert batch["counts"]["done"] == trial["counts"]["would"] >= CASES
    for number in numbers:
        assert items[number]["result"] == "done"
        assert await as_shown(callers, number) == after(before[number], effects.get(number))
        entries = await callers.store.entries.of(DEFAULT_TENANT, number)
        (changed,) = (each for each in entries if each.type is EntryType.POLICY_CHANGED)
        assert (changed.actor.id, changed.form["reason"]) == (OTHER, "The holidays.")
    moved = [n for n in numbers if before[n] != await as_shown(callers, n)]
    assert len(moved) == CASES
    made, _ = await callers.store.audit_log.readable_events(DEFAULT_TENANT, 1, "batch.made")
    assert (made[0].subject, made[0].details["policy"]) == (batch["id"], "t-apply")
    again = await start(callers, "t-apply", dry_run=True)
    _, others = ({}, {}) if again.is_error else await ended(callers, again.json()["id"])
    assert not {*numbers} & {*others}, "who keeps it already is not given it again"
    await release(callers, "2026-1")


async def test_half_done_and_killed_it_goes_on_and_does_each_case_once(callers: Callers) -> None:
    numbers = [await callers.complaint() for _ in range(8)]
    store = callers.store
    checked = check_for_publication(document("t-half", QUICKER), calendars())
    form = PolicyChange(policy="t-half", document=checked.carried, reason="The holidays.")
    batch = Batch(
        tenant=DEFAULT_TENANT, id="ab" * 8, at=datetime.now(UTC), actor=ZHOU, kind="complaint",
        command=Command(step=CHANGE_POLICY, form=form.canonical()), reason="The holidays.",
        dry_run=False, which={}, digest="d", size=len(numbers),
    )  # fmt: skip
    await store.batches.add(batch, numbers)
    real = BatchAttempt(
        CaseClient(callers.engine.client),
        *(store, KINDS, refuse_because_of_others, claim_again, order_turn),
    )
    tried: list[str] = []

    async def dying(batch: Batch, item: BatchItem) -> BatchResult:
        """Do it, and die before it is written down, from the sixth case on."""
        tried.append(item.number)
        is_last = len(tried) > 5
        result = await real.attempt(batch, item)
        if is_last:
            raise StoreDown("The worker is gone.")
        return result

    part, run = ActivityEnvironment().run, BatchRun(id=batch.id)
    with pytest.raises(StoreDown):
        await part(BatchActivities(store, dying).batch_part, run)
    assert 0 < await store.batch_items.count_waiting(DEFAULT_TENANT, batch.id) < len(numbers)
    assert await part(BatchActivities(store, real.attempt).batch_part, run) == 0
    page = await store.batch_items.page(DEFAULT_TENANT, batch.id, None, 0, 99)
    assert {each.number: each.came for each in page.items} == dict.fromkeys(numbers, "done")
    for number in numbers:
        types = [each.type for each in await store.entries.of(DEFAULT_TENANT, number)]
        assert types.count(EntryType.POLICY_CHANGED) == 1


async def test_who_may_and_what_is_given(callers: Callers) -> None:
    async def code(by: str, version: str = "t-who", **more: Any) -> str:
        answer = await start(callers, version, by, **more)
        return f"{answer.status_code} {answer.json()['code']}"

    await callers.complaint()
    assert (await publish(callers, document("t-who"))).status_code == 201
    assert await code("wang.fang") == "403 forbidden"
    assert await code(AUTHOR) == "403 own_policy"
    assert await code(OTHER) == "409 policy_not_released"
    assert await code(OTHER, "none") == "404 no_such_policy"
    await release(callers, "t-who")
    await release(callers, "2026-1")
    assert await code(OTHER, kind="nothing") == "422 invalid"
    tried = await start(callers, "t-who", dry_run=True, kind="complaint")
    await ended(callers, tried.json()["id"])
    for by, expected in (("wang.fang", "forbidden"), (AUTHOR, "own_policy")):
        retried = await callers[by].post(f"/v1/batches/{tried.json()['id']}/retry")
        assert retried.json()["code"] == expected
    body = {"kind": "complaint", "step": CHANGE_POLICY, "reason": "x", "form": {}}
    by_hand = await callers[OTHER].post("/v1/batches", json=body)
    assert by_hand.json()["code"] == "no_such_step"
