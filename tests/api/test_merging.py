"""Possible duplicates are found and merged; the other case goes on, and it can be taken back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.merge import MergeActivity
from app.duplicates import SOON
from cases import CURRENT
from domain.engine.merge_checks import merge_call
from domain.engine.messages import opening_of
from domain.language.entries import EntryType
from ops.conformance import check_conformance
from ops.oracle.oracle import Oracle
from store.db.clock import utc_now
from temporal.case_client import CaseClient
from tests.api.callers import Callers
from tests.support.cases import LIU, request
from tests.support.waiting import until
from web.rendering.messages import message_words

pytestmark = pytest.mark.xdist_group("api")

WORDS = "收到的平板屏幕碎了，要求赔偿。"
AGAIN = "平板屏幕碎了，收到就这样，要求赔偿。"
OTHER = "店员态度很差，催了三次没人回电话。"
SORT = {"category": "service_attitude", "severity": "minor"}
_phones = iter(range(10**6))


def somebody() -> dict[str, Any]:
    """Return a customer of whom nobody heard yet."""
    phone = f"139{next(_phones):08}"
    return {"name": "周平", "contacts": [{"kind": "phone", "value": phone}]}


async def complaint(
    callers: Callers, customer: Any, words: str = WORDS, by: str = "shop", **more: Any
) -> str:
    return await callers.complaint(by, customer=customer, form={"words": words}, **more)


async def twins(callers: Callers) -> tuple[str, str]:
    """Return two complaints of one customer, both held by an agent: the later, the earlier."""
    customer = somebody()
    first = await complaint(callers, customer, order=f"SO-{next(_phones)}")
    row = await callers.store.cases.get("default", first)
    assert row is not None
    second = await complaint(callers, customer, AGAIN, order=row.order)
    for number in (first, second):
        await callers.step(number, "accept", by="chen.min")
        await callers.step(number, "classify", SORT, by="chen.min")
        await callers.step(number, "claim", by="liu.yang")
    return second, first


async def act(callers: Callers, number: str, act: str, by: str = "liu.yang", **form: Any) -> Any:
    key = {"Idempotency-Key": f"k-{next(_phones)}"}
    form = {"reason": "the same", **form}
    return await callers[by].post(f"/v1/cases/{number}/{act}", json=form, headers=key)


async def merged(callers: Callers, number: str, into: str, **form: Any) -> dict[str, Any]:
    answer = await act(callers, number, "merge", into=into, **form)
    assert answer.status_code == 200, answer.text
    case: dict[str, Any] = answer.json()["case"]
    return case


async def read(callers: Callers, number: str, by: str = "liu.yang") -> dict[str, Any]:
    page: dict[str, Any] = (await callers[by].get(f"/v1/cases/{number}")).json()
    return page


async def test_duplicates_are_found_with_what_they_share(callers: Callers) -> None:
    second, first = await twins(callers)
    row = await callers.store.cases.get("default", first)
    assert row is not None
    parcel = {"ref": row.customer}
    before = (utc_now() - SOON - timedelta(minutes=1)).isoformat()
    unlike = await complaint(callers, parcel, OTHER, received_at=before)
    items = (await callers["liu.yang"].get(f"/v1/cases/{second}/duplicates")).json()["items"]
    assert [each["case"]["number"] for each in items] == [first], "one fact alone is not enough"
    [found] = items
    assert found["shared"] == ["customer", "order", "words", "time"]
    assert (found["score"] > 60, found["can_go_on"]) == (True, True)
    assert unlike not in {each["case"]["number"] for each in items}
    for outsider, status in (("shop", 403), ("app", 404)):
        asked = await callers[outsider].get(f"/v1/cases/{second}/duplicates")
        assert asked.status_code == status


async def test_a_customers_second_call_is_found_whatever_the_words(callers: Callers) -> None:
    customer, at = somebody(), utc_now() - timedelta(hours=1)
    raised = {number: (at + timedelta(minutes=number)).isoformat() for number in (0, 1)}
    first = await complaint(callers, customer, "冰柜不制冷，肉都坏了", received_at=raised[0])
    again = "冰柜还是不制冷，肉坏了，第二次打电话"
    second = await complaint(callers, customer, again, received_at=raised[1])
    other = await complaint(callers, customer, OTHER)
    stranger = await complaint(callers, somebody(), again)

    async def found(number: str) -> dict[str, list[str]]:
        answer = await callers["liu.yang"].get(f"/v1/cases/{number}/duplicates")
        return {each["case"]["number"]: each["shared"] for each in answer.json()["items"]}

    assert second in await found(first), "on both pages"
    assert [*await found(second)] == [first, other], "the likelier one first"
    assert (await found(second))[other] == ["customer", "time"]
    assert await found(stranger) == {}
    # One that is over was dealt with: it takes more than that it came soon before.
    withdrawn = await callers["shop"].post(
        f"/v1/cases/{other}/steps/withdraw", json={"reason": "不用了"}
    )
    assert withdrawn.status_code == 200, withdrawn.text
    assert [*await found(second)] == [first]
    assert other not in await found(first)


async def test_the_other_case_goes_on(callers: Callers) -> None:
    second, first = await twins(callers)
    case = await merged(callers, second, first)
    assert (case["state"], case["outcome"]) == ("merged", "merged")
    page, other = await read(callers, second), await read(callers, first)
    assert page["merged_into"] == first
    assert (page["task"], page["offers"], page["task_actions"]) == (None, [], ["unmerge"])
    assert {clock["state"] for clock in page["clocks"]} <= {"cancelled", "met", "breached"}
    assert [each["number"] for each in other["joined"]] == [second]
    assert other["case"]["state"] == "investigating"
    step = await callers["liu.yang"].post(f"/v1/cases/{second}/steps/accept", json={})
    assert (step.status_code, step.json()["code"]) == (409, "merged_into")
    assert first in step.json()["detail"]
    notices = (await callers["shop"].get(f"/v1/cases/{second}/notices")).json()["items"]
    assert [each["template"] for each in notices].count("merged") == 1, "told once"
    there = (await callers["shop"].get(f"/v1/cases/{first}/notices")).json()["items"]
    assert "merged" not in {each["template"] for each in there}
    [row] = [r for r in await callers.store.outbox.of("default", second) if r.template == "merged"]
    assert message_words(row, "complaint", "zh_CN").count(first) == 3
    for number in (first, second):
        entries = await callers.store.entries.of("default", number)
        assert check_conformance("default", number, entries) == []
    oracle = Oracle(callers.engine.client, callers.store)
    findings = [finding for number in (first, second) for finding in await oracle.case(number)]
    assert findings == []


async def test_the_other_case_keeps_what_was_promised_first(callers: Callers) -> None:
    """The earlier case is merged into the later one, and separated again."""
    second, first = await twins(callers)
    later, earlier = [(await read(callers, each))["case"]["next_due"] for each in (second, first)]
    assert earlier < later
    await merged(callers, first, second)
    assert (await read(callers, second))["case"]["next_due"] == earlier
    clocks = (await callers["liu.yang"].get(f"/v1/cases/{second}/clocks")).json()["items"]
    [why] = [each["limit"] for each in clocks if each["clock"] == "resolution"]
    assert (why["of"], why["by"]) == (first, "liu.yang")
    for number in (first, second):
        entries = await callers.store.entries.of("default", number)
        assert check_conformance("default", number, entries) == []
    assert (await act(callers, first, "unmerge")).is_success
    assert (await read(callers, second))["case"]["next_due"] == later
    assert (await read(callers, first))["case"]["next_due"] == earlier
    oracle = Oracle(callers.engine.client, callers.store)
    assert [f for number in (first, second) for f in await oracle.case(number)] == []


async def test_what_the_customer_says_to_it_is_said_to_the_other_one(callers: Callers) -> None:
    second, first = await twins(callers)
    await merged(callers, second, first)
    said = await callers["shop"].post(f"/v1/cases/{second}/comments", json={"body": "在吗？"})
    assert (said.status_code, said.json()["number"]) == (201, first)
    page = await read(callers, first)
    assert page["unread_customer_messages"] == 1
    assert page["comments"][-1]["body"] == "在吗？"
    note = {"body": "x", "visibility": "internal"}
    ours = await callers["liu.yang"].post(f"/v1/cases/{second}/comments", json=note)
    assert (ours.status_code, ours.json()["code"]) == (409, "merged_into")


async def test_it_ends_the_wait_of_a_case_of_another_source(callers: Callers) -> None:
    customer = somebody()
    first = await complaint(callers, customer, by="app")
    second = await complaint(callers, customer, AGAIN)
    for step, form in (("accept", {}), ("classify", SORT)):
        for number in (first, second):
            await callers.step(number, step, form, by="chen.min")
    for number in (first, second):
        await callers.step(number, "claim", by="liu.yang")
    finding = {"cause": "service", "reasonable": True, "finding": "粗鲁"}
    await callers.step(first, "investigate", finding)
    offer = {"solution": "道歉", "cost": {"amount": "20.00"}}
    waiting = await callers.step(first, "propose", offer)
    assert waiting["waits_on"] == "customer"
    await merged(callers, second, first)
    await callers["shop"].post(f"/v1/cases/{second}/comments", json={"body": "怎么样了？"})

    async def heard() -> bool:
        return bool((await read(callers, first))["case"]["waits_on"] == "staff")

    await until(heard)


async def test_it_is_undone_and_both_histories_say_so(callers: Callers) -> None:
    second, first = await twins(callers)
    before = await read(callers, second)
    await merged(callers, second, first)
    refused = await act(callers, second, "unmerge", by="zhang.qian")
    assert refused.status_code == 403
    back = await act(callers, second, "unmerge", by="wang.fang")
    assert back.status_code == 200, back.text
    page, other = await read(callers, second), await read(callers, first)
    assert page["case"]["state"] == before["case"]["state"] == "investigating"
    assert (page["case"]["assignee"], page["merged_into"]) == ("liu.yang", None)
    assert page["case"]["next_due"] == before["case"]["next_due"]
    assert (other["joined"], page["task"]["done_at"]) == ([], None)
    types = [each.type for each in await callers.store.entries.of("default", second)]
    asked = (EntryType.MERGE_ASKED, EntryType.MERGED)
    assert [*types[-4:]] == [*asked, EntryType.UNMERGE_ASKED, EntryType.UNMERGED]
    theirs = [each.type for each in await callers.store.entries.of("default", first)]
    assert [*theirs[-2:]] == [EntryType.JOINED, EntryType.PARTED]
    for number in (first, second):
        entries = await callers.store.entries.of("default", number)
        assert check_conformance("default", number, entries) == []
    again = await act(callers, second, "merge", by="wang.fang", into=first)
    assert again.status_code == 200, again.text


async def test_what_is_refused_and_why(callers: Callers) -> None:
    second, first = await twins(callers)
    strangers = await complaint(callers, somebody(), by="shop")
    third, _ = await twins(callers)
    inquiry = await callers.complaint("shop", kind="inquiry", form={"words": WORDS})

    async def why(number: str, **form: Any) -> tuple[int, Any, str]:
        answer = await act(callers, number, "merge", **form)
        problem = answer.json()
        return answer.status_code, problem.get("params", {}).get("why"), problem["detail"]

    assert (await why(second, into=second))[:2] == (409, "itself")
    assert (await why(second, into=inquiry))[:2] == (409, "kind")
    assert (await why(second, into=strangers))[:2] == (409, "customers")
    missing = await act(callers, second, "merge", into="TS202603024829107")
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (422, "/into")
    await merged(callers, second, first)
    status, reason, detail = await why(third, into=second, although_other_customer=True)
    assert (status, reason) == (409, "target_merged")
    assert first in detail, "it says where to"
    assert (await why(first, into=third, although_other_customer=True))[1] == "joined"
    assert (await act(callers, second, "merge", into=first)).json()["code"] == "merged_into"
    case = await merged(callers, third, first, although_other_customer=True)
    assert case["state"] == "merged"


async def test_the_same_request_again_is_answered_alike(callers: Callers) -> None:
    second, first = await twins(callers)
    key = {"Idempotency-Key": "merge-twice"}
    form = {"into": first, "reason": "the same"}
    once = await callers["liu.yang"].post(f"/v1/cases/{second}/merge", json=form, headers=key)
    twice = await callers["liu.yang"].post(f"/v1/cases/{second}/merge", json=form, headers=key)
    assert (once.status_code, twice.status_code) == (200, 200)
    assert once.json()["receipt"] == twice.json()["receipt"]
    joined = [e for e in await callers.store.entries.of("default", first) if e.step is None]
    assert [e.type for e in joined].count(EntryType.JOINED) == 1


async def test_two_cases_are_not_merged_into_each_other(callers: Callers) -> None:
    second, first = await twins(callers)
    ways = [act(callers, second, "merge", into=first), act(callers, first, "merge", into=second)]
    answers = await asyncio.gather(*ways)
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [409, 409])

    async def settled() -> bool:
        waiting = [await is_asking(callers, number) for number in (first, second)]
        return not any(waiting)

    await until(settled)
    states = [(await read(callers, number))["case"]["state"] for number in (first, second)]
    assert states.count("merged") <= 1
    assert states.count("investigating") >= 1


async def is_asking(callers: Callers, number: str) -> bool:
    """Say whether a case still waits for what another one answers."""
    entries = await callers.store.entries.of("default", number)
    last = next((e.type for e in reversed(entries) if e.type in ASKING), None)
    return last in {EntryType.MERGE_ASKED, EntryType.UNMERGE_ASKED}


ASKING = {
    *(EntryType.MERGE_ASKED, EntryType.MERGED, EntryType.MERGE_REFUSED),
    *(EntryType.UNMERGE_ASKED, EntryType.UNMERGED),
}


async def test_a_worker_that_dies_between_the_two_asks_again(callers: Callers) -> None:
    """What it asked of the other case is done once, and both attempts get the same answer."""
    second, first = await twins(callers)
    entries = await callers.store.entries.of("default", second)
    client = CaseClient(callers.engine.client)

    class Died(Exception):
        """The worker was killed when the other case had answered."""

    async def submit_and_die(number: str, request: Any) -> Any:
        await client.submit(number, request)
        raise Died

    process = CURRENT["complaint"]
    case = process.fold(opening_of(entries[0]), entries)
    asked = request("r", ("merge_into", {"into": first, "reason": "same"}), actor=LIU)
    process.apply_request(case, asked, datetime.now(UTC))
    call = merge_call(case)
    assert call is not None
    with pytest.raises(Died):
        await MergeActivity(submit_and_die).merge(call)
    outcome = await MergeActivity(client.submit).merge(call)
    assert outcome.step == "merged"
    theirs = await callers.store.entries.of("default", first)
    assert [entry.type for entry in theirs].count(EntryType.JOINED) == 1


async def test_a_new_case_may_be_merged_before_anybody_works_on_it(callers: Callers) -> None:
    customer = somebody()
    first = await complaint(callers, customer)
    second = await complaint(callers, customer, AGAIN)
    answer = await act(callers, second, "merge", by="chen.min", into=first)
    assert answer.status_code == 200, answer.text
    assert (await read(callers, second, by="shop"))["merged_into"] == first
