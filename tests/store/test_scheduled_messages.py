"""Messages that can be called back: exactly one of calling back and sending takes each."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from store import Store
from store.db.clock import utc_now
from store.scheduled.records import MessageStatus, ScheduledMessage
from tests.support.moved_clock import MovedClock

NUMBER, TEXT = "TS2026", "明天中午前答复您。"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RACES = 25
_ids = count(1)


@pytest.fixture
async def other(url: str, store: Store) -> AsyncIterator[Store]:
    """The store of another process."""
    del store  # it has made the tables
    opened = await Store.open(url)
    yield opened
    await opened.close()


async def scheduled(store: Store, tenant: str, waits: timedelta = timedelta()) -> ScheduledMessage:
    now = utc_now()
    message = ScheduledMessage(
        tenant=tenant, id=f"m{next(_ids)}", number=NUMBER, author="liu", text=TEXT, digest="d",
        made_at=now, due_at=now + waits, status=MessageStatus.WAITING,
    )  # fmt: skip
    stored, is_new = await store.scheduled_messages.add(message)
    assert (stored, is_new) == (message, True)
    return stored


async def taken(store: Store, tenant: str) -> list[ScheduledMessage]:
    return await store.scheduled_messages.lease(tenant, 10, utc_now() + MINUTE)


async def now_is(store: Store, message: ScheduledMessage) -> ScheduledMessage:
    current = await store.scheduled_messages.get(message.tenant, message.id)
    assert current is not None
    return current


async def test_it_is_added_once(store: Store, tenant: str) -> None:
    message = await scheduled(store, tenant, MINUTE)
    again = replace(message, text="Something else.")
    assert await store.scheduled_messages.add(again) == (message, False)
    assert await store.scheduled_messages.of_case(tenant, NUMBER) == [message]
    assert await store.scheduled_messages.of_author(tenant, "liu") == [message]
    assert await store.scheduled_messages.of_author(tenant, "chen") == []
    assert await store.scheduled_messages.of_case("another", NUMBER) == []


async def test_it_is_taken_when_it_is_due_and_for_a_lease(
    timed: Store, tenant: str, clock: MovedClock
) -> None:
    message = await scheduled(timed, tenant, 10 * SECOND)
    assert await taken(timed, tenant) == []
    assert tenant not in await timed.scheduled_messages.tenants()
    clock.ahead += 10 * SECOND
    assert tenant in await timed.scheduled_messages.tenants()
    (first,) = await taken(timed, tenant)
    assert (first.id, first.status, first.attempts) == (message.id, MessageStatus.SENDING, 1)
    assert await taken(timed, tenant) == []
    assert not await timed.scheduled_messages.cancel(tenant, message.id, "liu")
    clock.ahead += MINUTE
    (second,) = await taken(timed, tenant)
    assert second.attempts == 2
    await timed.scheduled_messages.mark_failed(first, "no_customer", "complaint", {})
    assert (await now_is(timed, message)).status is MessageStatus.SENDING, "its lease was over"
    await timed.scheduled_messages.mark_sent(second)
    sent = await now_is(timed, message)
    assert (sent.status, sent.text, sent.lease_until) == (MessageStatus.SENT, "", None)
    clock.ahead += MINUTE
    assert await taken(timed, tenant) == []
    assert await timed.scheduled_messages.of_author(tenant, "liu") == []


async def test_it_is_put_off_while_the_engine_is_down(
    timed: Store, tenant: str, clock: MovedClock
) -> None:
    await scheduled(timed, tenant)
    (first,) = await taken(timed, tenant)
    await timed.scheduled_messages.postpone(first, clock() + 5 * SECOND)
    assert await taken(timed, tenant) == []
    clock.ahead += 5 * SECOND
    (second,) = await taken(timed, tenant)
    await timed.scheduled_messages.postpone(first, clock())
    assert await taken(timed, tenant) == [], "only the leaseholder can"
    assert second.attempts == 2


async def test_what_was_refused_is_kept_for_its_author(store: Store, tenant: str) -> None:
    message = await scheduled(store, tenant)
    (mine,) = await taken(store, tenant)
    params = {"by": "chen", "at": "2026-03-02T08:00:00+00:00"}
    await store.scheduled_messages.mark_failed(mine, "task_taken", "complaint", params)
    (failed,) = await store.scheduled_messages.of_author(tenant, "liu")
    assert (failed.status, failed.text) == (MessageStatus.FAILED, TEXT)
    assert (failed.code, failed.kind, failed.params) == ("task_taken", "complaint", params)
    assert await store.scheduled_messages.of_case(tenant, NUMBER) == []
    assert await store.scheduled_messages.drop(tenant, message.id)
    assert not await store.scheduled_messages.drop(tenant, message.id)
    assert await store.scheduled_messages.of_author(tenant, "liu") == []


async def test_what_was_called_back_is_a_draft_again(store: Store, tenant: str) -> None:
    message = await scheduled(store, tenant, MINUTE)
    assert not await store.scheduled_messages.drop(tenant, message.id), "it waits"
    assert await store.scheduled_messages.cancel(tenant, message.id, "wang")
    assert not await store.scheduled_messages.cancel(tenant, message.id, "liu")
    cancelled = await now_is(store, message)
    assert (cancelled.status, cancelled.ended_by) == (MessageStatus.CANCELLED, "wang")
    draft = await store.drafts.get(tenant, "liu", f"{NUMBER}/message")
    assert draft is not None
    assert (draft.content, draft.number) == ((("/text", TEXT),), NUMBER)
    assert await store.scheduled_messages.of_author(tenant, "liu") == []


async def test_another_draft_is_not_overwritten(store: Store, tenant: str) -> None:
    message = await scheduled(store, tenant, MINUTE)
    subject, content = f"{NUMBER}/message", (("text", "The next one."),)
    await store.drafts.save(tenant, "liu", subject, content, 8)
    assert await store.scheduled_messages.cancel(tenant, message.id, "liu")
    draft = await store.drafts.get(tenant, "liu", subject)
    assert draft is not None
    assert draft.content == content
    (cancelled,) = await store.scheduled_messages.of_author(tenant, "liu")
    assert (cancelled.status, cancelled.text) == (MessageStatus.CANCELLED, TEXT)


async def test_exactly_one_of_calling_back_and_sending_wins(
    store: Store, other: Store, tenant: str
) -> None:
    """Of two processes, in both orders; a message that was called back is never taken."""
    won = {"cancelled": 0, "taken": 0}
    for attempt in range(RACES):
        message = await scheduled(store, tenant)
        one, two = (store, other) if attempt % 2 else (other, store)
        cancelling = one.scheduled_messages.cancel(tenant, message.id, "liu")
        if attempt % 4 < 2:
            is_cancelled, sent = await asyncio.gather(cancelling, taken(two, tenant))
        else:
            sent, is_cancelled = await asyncio.gather(taken(two, tenant), cancelling)
        assert is_cancelled is not bool(sent)
        won["cancelled" if is_cancelled else "taken"] += 1
        for each in sent:
            await store.scheduled_messages.mark_sent(each)
        expected = MessageStatus.CANCELLED if is_cancelled else MessageStatus.SENT
        assert (await now_is(store, message)).status is expected
    assert min(won.values()) > 0, "the race is run both ways"


async def test_each_is_taken_by_one_of_several(store: Store, other: Store, tenant: str) -> None:
    ids = {(await scheduled(store, tenant)).id for _ in range(20)}
    halves = await asyncio.gather(
        *(each.scheduled_messages.lease(tenant, 7, utc_now() + MINUTE) for each in (store, other)),
        *(each.scheduled_messages.lease(tenant, 7, utc_now() + MINUTE) for each in (store, other)),
    )
    all_taken = [message.id for half in halves for message in half]
    all_taken += [message.id for message in await taken(store, tenant)]
    assert len(all_taken) == len(ids)
    assert {*all_taken} == ids


async def test_the_pages_of_author_and_case_hear_of_it(store: Store, tenant: str) -> None:
    reader = store.changes.reader()
    await reader.begin()
    message = await scheduled(store, tenant)
    await store.scheduled_messages.add(message)
    await store.scheduled_messages.cancel(tenant, message.id, "liu")
    told = [each[2:] for each in await reader.read() if each.tenant == tenant]
    expected = [("message", NUMBER, 0, "liu"), ("draft", f"{NUMBER}/message", 0, "liu")]
    assert told == [*expected, expected[0]]


async def test_what_ended_long_ago_is_deleted(store: Store, tenant: str) -> None:
    waiting = await scheduled(store, tenant, MINUTE)
    ended = await scheduled(store, tenant, MINUTE)
    await store.scheduled_messages.cancel(tenant, ended.id, "liu")
    assert await store.scheduled_messages.prune(utc_now() + SECOND) > 0
    assert await store.scheduled_messages.get(tenant, ended.id) is None
    assert await now_is(store, waiting) == waiting
