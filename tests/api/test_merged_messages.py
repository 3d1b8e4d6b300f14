"""What is said about two cases that become one: it counts, is read and is said once, over there."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.authentication import staff_principal
from app.customer_messages import tell_case
from app.scheduled_messages import deliver_message, list_messages
from domain.engine.merge_errors import MergedInto
from domain.engine.task_actions import notified_text
from domain.language.entries import EntryType
from store.cases.records import InboxFilter
from store.comments import Visibility
from store.db.clock import utc_now
from store.scheduled.records import MessageStatus, ScheduledMessage
from temporal.case_client import CaseClient
from temporal.results import Refused, SubmitResult
from tests.api.callers import Callers
from tests.api.test_customer_messages import unread
from tests.api.test_merging import act, complaint, merged, read, somebody, twins
from tests.support.cases import SHOP
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

TEXT = "明天中午前答复您。"
LEASE = timedelta(minutes=1)
UNREAD = [InboxFilter(unread=True)]
COUNT = "unread_customer_messages"


async def say(callers: Callers, number: str, body: str, key: str, by: str = "shop") -> Any:
    headers = {"Idempotency-Key": key}
    path = f"/v1/cases/{number}/comments"
    return await callers[by].post(path, json={"body": body}, headers=headers)


async def in_unread(callers: Callers, number: str) -> bool:
    """Say whether a case is among those with unread messages."""
    return number in await callers.store.inbox.numbers("default", UNREAD, 1000)


async def test_unread_messages_count_for_the_case_that_goes_on(callers: Callers) -> None:
    second, first = await twins(callers)
    await say(callers, second, "在吗？", f"{second}-1")
    await say(callers, first, "喂？", f"{first}-1")
    await merged(callers, second, first)
    assert await unread(callers, first) == (2, 2, 2)
    assert (await read(callers, second))[COUNT] == 0
    assert (await in_unread(callers, first), await in_unread(callers, second)) == (True, False)
    answer = await callers["liu.yang"].post(f"/v1/cases/{first}/comments/read")
    assert answer.json() == {"read": 2}
    assert await unread(callers, first) == (0, 0, 0)
    assert not await in_unread(callers, first)
    assert not any(each["unread"] for each in (await read(callers, second))["comments"])


async def test_a_public_answer_reads_those_of_both(callers: Callers) -> None:
    second, first = await twins(callers)
    await say(callers, second, "在吗？", f"{second}-2")
    await merged(callers, second, first)
    said = {"body": "在的。", "visibility": "public"}
    assert (await callers["liu.yang"].post(f"/v1/cases/{first}/comments", json=said)).is_success
    assert await unread(callers, first) == (0, 0, 0)


async def test_a_case_on_hold_comes_back_since_the_merged_one_was_written_to(
    callers: Callers,
) -> None:
    second, first = await twins(callers)
    task = (await read(callers, first))["task"]["id"]
    hold = {"until": (utc_now() + timedelta(days=2)).isoformat(), "reason": "An invoice."}
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=hold)).is_success
    await merged(callers, second, first)
    assert (await unread(callers, first))[2] == -1, "left out while it is on hold"
    third, _ = await twins(callers)
    await say(callers, third, "在吗？", f"{third}-7")
    await merged(callers, third, first, although_other_customer=True)
    assert (await unread(callers, first))[2] == 1
    to_do = [InboxFilter(open=True, to_do=True)]
    assert first in await callers.store.inbox.numbers("default", to_do, 1000)


async def test_separated_again_each_has_its_own(callers: Callers) -> None:
    second, first = await twins(callers)
    await say(callers, second, "在吗？", f"{second}-3")
    await merged(callers, second, first)
    assert (await act(callers, second, "unmerge")).is_success
    assert (await unread(callers, first))[0] == 0
    assert (await unread(callers, second))[0] == 1
    assert await in_unread(callers, second)


async def test_a_key_repeated_after_the_merge_says_it_once(callers: Callers) -> None:
    """Whoever repeats gets the first answer, be the comment on the one case or on the other."""
    second, first = await twins(callers)
    once = await say(callers, second, "在吗？", f"{second}-4")
    ours = await say(callers, second, "看过了。", f"{second}-5", by="liu.yang")
    await merged(callers, second, first)
    for answer, by, body, key in (
        (once, "shop", "在吗？", f"{second}-4"),
        (ours, "liu.yang", "看过了。", f"{second}-5"),
    ):
        again = await say(callers, second, body, key, by=by)
        assert (again.status_code, again.json()) == (201, answer.json())
        assert again.headers["Idempotent-Replayed"] == "true"
    other = await say(callers, second, "别的话", f"{second}-4")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert await callers.store.comments.of("default", first, include_internal=True) == []
    there = await say(callers, second, "还在吗？", f"{second}-6")
    assert there.json()["number"] == first
    assert (await act(callers, second, "unmerge")).is_success
    again = await say(callers, second, "还在吗？", f"{second}-6")
    assert (again.status_code, again.json()) == (201, there.json())
    said = await callers.store.comments.of("default", second, include_internal=True)
    assert [each.body for each in said] == ["在吗？", "看过了。"]


async def test_what_is_said_while_it_is_merged_is_said_once_and_in_a_case_that_lives(
    callers: Callers,
) -> None:
    second, first = await twins(callers)
    keys = [f"{second}-race-{n}" for n in range(6)]
    merging = asyncio.create_task(act(callers, second, "merge", into=first))
    said = await asyncio.gather(*(say(callers, second, key, key) for key in keys * 2))
    assert (await merging).is_success
    assert {answer.status_code for answer in said} == {201}
    again = [await say(callers, second, key, key) for key in keys]
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}
    both = [
        each.body
        for number in (first, second)
        for each in await callers.store.comments.of("default", number, include_internal=True)
    ]
    assert sorted(both) == keys
    assert (await read(callers, first))[COUNT] == len(keys)


async def test_a_message_that_nobody_was_told_of_is_heard_by_the_case_that_goes_on(
    callers: Callers,
) -> None:
    """It came before the merge, while the engine was away; the other case waits for its answer."""
    customer = somebody()
    first = await complaint(callers, customer, by="app")
    second = await complaint(callers, customer, "同一件事")
    for number in (first, second):
        await callers.step(number, "accept", by="chen.min")
        sort = {"category": "service_attitude", "severity": "minor"}
        await callers.step(number, "classify", sort, by="chen.min")
        await callers.step(number, "claim", by="liu.yang")
    finding = {"cause": "service", "reasonable": True, "finding": "粗鲁"}
    await callers.step(first, "investigate", finding)
    await callers.step(first, "propose", {"solution": "道歉", "cost": {"amount": "20.00"}})
    comment, _ = await callers.store.comments.add(
        "default", second, SHOP, Visibility.PUBLIC, "怎么样了？", untold=True
    )
    await merged(callers, second, first)
    assert await tell_case(callers.app.state.services, "default", comment)

    async def heard() -> bool:
        entries = await callers.store.entries.of("default", first)
        return [each.type for each in entries].count(EntryType.HEARD) == 1

    await until(heard)
    assert await tell_case(callers.app.state.services, "default", comment)
    assert await heard(), "told twice it hears it once"


async def due_message(callers: Callers, number: str) -> ScheduledMessage:
    """Return a message of liu.yang's to the customer of a case, which a sender has just taken."""
    now, messages = utc_now(), callers.store.scheduled_messages
    made = ScheduledMessage(
        tenant="default",
        id=f"m-{number}",
        number=number,
        author="liu.yang",
        text=TEXT,
        digest="d",
        made_at=now,
        due_at=now,
        status=MessageStatus.WAITING,
    )
    await messages.add(made)
    taken = await messages.lease("default", 100, now + LEASE)
    return next(each for each in taken if each.id == made.id)


async def said_to_customers(callers: Callers, *numbers: str) -> list[str]:
    entries = [e for n in numbers for e in await callers.store.entries.of("default", n)]
    return [text for text in map(notified_text, entries) if text is not None]


async def test_a_message_for_a_case_that_was_merged_before_it_was_due(callers: Callers) -> None:
    """It is said to nobody, and its author is told where to go on, with the text at hand."""
    second, first = await twins(callers)
    await merged(callers, second, first)
    message = await due_message(callers, second)
    services = callers.app.state.services
    refusal = await deliver_message(services, message)
    assert refusal is not None
    assert (refusal.code, refusal.params["into"]) == ("merged_into", first)
    person = await callers.store.people.get("default", "liu.yang")
    assert person is not None
    mine = await list_messages(services, staff_principal("default", person))
    [told] = [each for each in mine if each.number == second]
    assert (told.status, told.code, told.text) == (MessageStatus.FAILED, "merged_into", TEXT)
    assert told.params == {"into": first}
    assert await said_to_customers(callers, second, first) == []


async def test_a_message_that_was_said_before_the_merge_is_not_said_again(
    callers: Callers,
) -> None:
    """Whoever sent it died before it could write that down; the merge came in between."""
    second, first = await twins(callers)
    message = await due_message(callers, second)
    services = callers.app.state.services
    assert await deliver_message(services, message) is None
    await merged(callers, second, first)
    assert await deliver_message(services, message) is None
    stored = await callers.store.scheduled_messages.get("default", message.id)
    assert stored is not None
    assert stored.status is MessageStatus.SENT
    assert await said_to_customers(callers, second, first) == [TEXT]


class Asking(CaseClient):
    """A client of a case that just asks another one whether it goes on for both."""

    async def submit(self, number: str, *_: Any, **__: Any) -> SubmitResult:
        raise Refused(MergedInto.code, {"into": number, "why": "asked"}, "It is just asked.")


async def test_while_the_other_case_is_asked_a_message_waits(callers: Callers) -> None:
    """Nobody knows yet whether the case is merged; if it is not, the message is said."""
    second, first = await twins(callers)
    message = await due_message(callers, second)
    services = callers.app.state.services
    asking = replace(services, case_client=Asking(callers.engine.client))
    assert await deliver_message(asking, message) is None
    stored = await callers.store.scheduled_messages.get("default", message.id)
    assert stored is not None
    assert stored.status is MessageStatus.SENDING, "it is tried again"
    comment, _ = await callers.store.comments.add(
        "default", second, SHOP, Visibility.PUBLIC, "？", untold=True
    )
    assert not await tell_case(asking, "default", comment), "nor is the customer's forgotten"
    assert await deliver_message(services, message) is None
    assert await said_to_customers(callers, second, first) == [TEXT]
