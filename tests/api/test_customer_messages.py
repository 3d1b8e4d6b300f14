"""What a customer writes reaches whoever works on the case: on its page, in lists, as an event."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from activities.cloud_events import cloud_event
from ops.oracle.oracle import Oracle
from store.outbox.records import CUSTOMER_MESSAGE, LOCAL_MAILBOX
from tests.api.callers import Callers, all_pages

pytestmark = pytest.mark.xdist_group("api")

_drawn = count()

WRITTEN = "还有一张发票的照片。"


async def held(callers: Callers) -> str:
    """The number of a complaint of the shop that an agent holds."""
    number = await callers.complaint(by="shop")
    await callers.step(number, "accept", by="chen.min")
    sort = {"category": "service_attitude", "severity": "minor"}
    await callers.step(number, "classify", sort, by="chen.min")
    await callers.step(number, "assign", {"assignee": "liu.yang"}, by="chen.min")
    return number


async def write(callers: Callers, number: str, by: str = "shop", **more: Any) -> None:
    sent = {"body": WRITTEN, **more}
    answer = await callers[by].post(f"/v1/cases/{number}/comments", json=sent)
    assert answer.status_code == 201, answer.text


async def unread(callers: Callers, number: str, by: str = "liu.yang") -> tuple[int, int, int]:
    """How many are unread by the case's page, the list of cases and the list of tasks."""
    page = (await callers[by].get(f"/v1/cases/{number}")).json()
    mine: dict[str, Any] = {"assignee": "liu.yang", "limit": 100}
    cases = (await callers[by].get("/v1/cases", params=mine)).json()["items"]
    tasks = (await callers["liu.yang"].get("/v1/tasks", params={"limit": 100})).json()["items"]
    name = "unread_customer_messages"
    return (
        page[name],
        next(each[name] for each in cases if each["number"] == number),
        next((each[name] for each in tasks if each["number"] == number), -1),
    )


async def test_it_is_on_the_page_and_in_the_lists_until_it_is_read(callers: Callers) -> None:
    number = await held(callers)
    assert await unread(callers, number) == (0, 0, 0)
    await write(callers, number)
    await write(callers, number)
    assert await unread(callers, number) == (2, 2, 2)
    page = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()
    assert [(c["body"], c["unread"]) for c in page["comments"]] == [(WRITTEN, True)] * 2
    await write(callers, number, by="liu.yang", visibility="internal")
    assert await unread(callers, number) == (2, 2, 2), "a note among us answers nobody"
    read = await callers["liu.yang"].post(f"/v1/cases/{number}/comments/read")
    assert (read.status_code, read.json()) == (200, {"read": 2})
    assert await unread(callers, number) == (0, 0, 0)


async def test_a_public_answer_reads_it(callers: Callers) -> None:
    number = await held(callers)
    await write(callers, number)
    await write(callers, number, by="liu.yang", visibility="public")
    assert await unread(callers, number) == (0, 0, 0)
    system = (await callers["shop"].get(f"/v1/cases/{number}")).json()
    assert [c["author"]["id"] for c in system["comments"]] == ["shop", "staff"]


@pytest.mark.parametrize(("by", "status"), [("shop", 403), ("app", 404)])
async def test_no_system_marks_it_as_read(callers: Callers, by: str, status: int) -> None:
    number = await held(callers)
    await write(callers, number)
    answer = await callers[by].post(f"/v1/cases/{number}/comments/read")
    assert answer.status_code == status
    assert (await unread(callers, number))[0] == 1


async def test_a_case_on_hold_comes_back_into_the_list(callers: Callers) -> None:
    number = await held(callers)
    task = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["task"]["id"]
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    hold = {"until": later, "reason": "The customer looks for the invoice."}
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/hold", json=hold)).is_success
    assert (await unread(callers, number))[2] == -1, "left out while it is on hold"
    await write(callers, number)
    assert (await unread(callers, number))[2] == 1
    await callers["liu.yang"].post(f"/v1/cases/{number}/comments/read")
    assert (await unread(callers, number))[2] == -1


async def test_an_event_says_that_it_came_and_not_what(callers: Callers) -> None:
    number = await held(callers)
    await write(callers, number)
    queue = callers.store.outbox_queue
    messages = await queue.lease("default", 1000, datetime.now(UTC) + timedelta(seconds=1))
    (message,) = [m for m in messages if (m.number, m.template) == (number, CUSTOMER_MESSAGE)]
    event = json.loads(cloud_event(message))
    assert event["type"] == "banjie.case.commented.v1"
    assert event["data"]["to"] == "assignee"
    assert WRITTEN not in cloud_event(message)


async def test_its_holder_finds_it_in_the_mailbox_and_the_oracle_nothing(callers: Callers) -> None:
    number = await held(callers)
    await write(callers, number)
    await callers.store.outbox_queue.mark_due_delivered("default")
    for by, sees in (("liu.yang", True), ("root", True), ("zhang.qian", False)):
        items = await all_pages(callers[by], "/v1/mailbox", limit=100)
        texts = [m["text"] for m in items if m["number"] == number and m["to"] == "assignee"]
        assert texts == ([f"The customer wrote about case {number}; please read it."] * sees)
        times = [datetime.fromisoformat(m["delivered_at"]) for m in items]
        assert times == sorted(times, reverse=True)
    notices = (await callers["liu.yang"].get(f"/v1/cases/{number}/notices")).json()["items"]
    assert {notice["channel"] for notice in notices} == {LOCAL_MAILBOX}
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def received(callers: Callers) -> str:
    return await callers.complaint(by="shop")


async def withdrawn(callers: Callers) -> str:
    number = await callers.complaint(by="shop")
    await callers.step(number, "withdraw", {"reason": "Sent twice."}, by="chen.min")
    return number


async def asked(callers: Callers) -> str:
    """The number of a case that waits for its customer, and nobody holds it."""
    number = await held(callers)
    task = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["task"]["id"]
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/release", json={})).is_success
    finding = {"cause": "service", "reasonable": True, "finding": "So it was."}
    await callers.step(number, "investigate", finding, by="wang.fang")
    offer = {"solution": "Sorry.", "cost": {"amount": "20.00"}}
    case = await callers.step(number, "propose", offer, by="wang.fang")
    assert (case["waits_on"], case["assignee"]) == ("customer", None)
    return number


async def left_behind(callers: Callers) -> str:
    """The number of a case whose holder has left and kept it, as older versions let them."""
    number, id = await held(callers), f"left.behind-{next(_drawn)}"
    await callers.store.people.add_staff("default", id, id, ("agent",), ("complaints",))
    await callers.step(number, "assign", {"assignee": id}, by="wang.fang")
    await callers.store.people.change("default", id, active=False)
    return number


async def in_mailboxes(callers: Callers, number: str, to: str) -> set[str]:
    """Who finds messages about the case in the mailbox, of those that are to these."""
    await callers.store.outbox_queue.mark_due_delivered("default")
    found = set()
    for by in ("chen.min", "liu.yang", "zhang.qian", "wang.fang", "zhou.hang", "root"):
        items = await all_pages(callers[by], "/v1/mailbox", limit=100)
        found |= {by} if (number, to) in {(m["number"], m["to"]) for m in items} else set()
    return found


@pytest.mark.parametrize("of", [received, withdrawn, asked, left_behind])
async def test_where_nobody_holds_the_case_it_goes_to_those_who_may_take_it(
    callers: Callers, of: Callable[[Callers], Awaitable[str]]
) -> None:
    number = await of(callers)
    await write(callers, number)
    readers = await in_mailboxes(callers, number, "team")
    assert readers >= {"liu.yang", "wang.fang", "zhou.hang", "root"}
    assert "zhang.qian" not in readers, "is of another team"
    assert await in_mailboxes(callers, number, "customer") <= readers
    notices = (await callers["liu.yang"].get(f"/v1/cases/{number}/notices")).json()["items"]
    assert [n["to"] for n in notices if n["template"] == CUSTOMER_MESSAGE] == ["team"]
    cases = await all_pages(callers["liu.yang"], "/v1/cases", limit=100)
    (row,) = [each for each in cases if each["number"] == number]
    assert row["unread_customer_messages"] == 1
    assert await Oracle(callers.engine.client, callers.store).case(number) == []


async def test_whoever_takes_the_case_takes_its_messages_and_gives_them_back(
    callers: Callers,
) -> None:
    number = await held(callers)
    await write(callers, number)
    assert await in_mailboxes(callers, number, "assignee") == {"liu.yang", "root"}
    task = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["task"]["id"]
    assert (await callers["liu.yang"].post(f"/v1/tasks/{task}/release", json={})).is_success
    assert await in_mailboxes(callers, number, "assignee") >= {"liu.yang", "wang.fang"}
    await write(callers, number)
    await callers["wang.fang"].post(f"/v1/tasks/{task}/claim", json={})
    for to in ("assignee", "team"):
        assert await in_mailboxes(callers, number, to) == {"wang.fang", "root"}
