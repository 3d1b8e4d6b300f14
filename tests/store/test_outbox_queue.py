"""The outbox gives each row to one dispatcher at a time, and forgets none."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from domain.engine.messages import PendingCall
from domain.language.roles import Actor, ActorKind
from store import Store
from store.audit.records import By
from store.outbox.records import Delivery, OutboxMessage
from tests.store import sample_cases
from tests.store.sample_cases import DAWN, customer_input, pending_call, reservation
from tests.support.cases import new_number

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = DAWN + HOUR

    def __call__(self) -> datetime:
        return self.now

    def soon(self) -> datetime:
        return self.now + MINUTE


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def timed(url: str, hands: Hands) -> AsyncIterator[Store]:
    opened = await Store.open(url, clock=hands)
    yield opened
    await opened.close()


async def noticed(store: Store, tenant: str, n: int = 1) -> list[str]:
    """Cases that have just come in, each with one notice to send: their numbers."""
    cases = [sample_cases.opened(tenant) for _ in range(n)]
    for case in cases:
        await store.recorder.write(sample_cases.update_after(case))
    return [case.opening.number for case in cases]


async def status(store: Store, letter: OutboxMessage) -> tuple[Delivery, str | None, int]:
    (row,) = await store.outbox.of(letter.tenant, letter.number)
    return row.status, row.reason, row.attempts


async def test_a_dead_letter_is_set_aside_by_one_and_put_back(
    timed: Store, hands: Hands, tenant: str
) -> None:
    queue = timed.outbox_queue
    await noticed(timed, tenant, 2)
    letters = await queue.lease(tenant, 10, hands.soon())
    for letter in letters:
        await queue.mark_failed(letter, "http_500", None)
    (first, second) = [row.key for row in await queue.page(tenant, Delivery.DEAD, 10)]
    ops = By(Actor(kind=ActorKind.STAFF, id="ops", roles=("ops",)), "已电话告知客户")
    done = await asyncio.gather(*(queue.set_aside(tenant, first, ops) for _ in range(2)))
    assert sorted(done) == [False, True]
    assert not await queue.set_aside("other", second, ops), "another tenant's is not there"
    (aside,) = await queue.page(tenant, Delivery.SET_ASIDE, 10)
    assert (aside.key, aside.set_aside_by) == (first, "ops")
    assert aside.set_aside_reason == "已电话告知客户"
    assert aside.set_aside_at == hands.now
    assert await queue.count_to_redrive(tenant) == 1
    assert await queue.redrive(tenant) == 1, "what is set aside stays there"
    assert not await queue.set_aside(tenant, second, ops), "it is on its way again"
    assert await queue.put_back(tenant, first, By(ops.actor))
    assert not await queue.put_back(tenant, first, By(ops.actor))
    (dead,) = await queue.page(tenant, Delivery.DEAD, 10)
    assert (dead.key, dead.reason, dead.set_aside_reason) == (first, "http_500", None)
    events = await timed.audit_log.events(tenant, 10, "message.")
    told = sorted((each.what, each.subject, each.reason) for each in events)
    assert told == [
        ("message.requeued", "all", ""),
        ("message.shelved", first.number, "已电话告知客户"),
        ("message.unshelved", first.number, ""),
    ]


async def test_a_letter_tells_what_happened(timed: Store, hands: Hands, tenant: str) -> None:
    (number,) = await noticed(timed, tenant)
    assert tenant in await timed.outbox_queue.tenants()
    (letter,) = await timed.outbox_queue.lease(tenant, 10, hands.soon())
    assert (letter.id, letter.number, letter.attempts) == (f"{number}-1-0", number, 1)
    assert (letter.happened, letter.step, letter.led_to) == ("opened", None, "received")
    assert (letter.template, letter.to) == ("received", "customer")
    assert tenant not in await timed.outbox_queue.tenants()


async def test_each_row_goes_to_one_of_many(timed: Store, hands: Hands, tenant: str) -> None:
    numbers = await noticed(timed, tenant, 12)
    leases = (timed.outbox_queue.lease(tenant, 5, hands.soon()) for _ in range(6))
    taken = [letter.number for each in await asyncio.gather(*leases) for letter in each]
    assert sorted(taken) == sorted(numbers)


async def test_a_lost_lease_goes_to_another(timed: Store, hands: Hands, tenant: str) -> None:
    await noticed(timed, tenant)
    (lost,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    assert await timed.outbox_queue.lease(tenant, 1, hands.soon()) == []
    hands.now += MINUTE
    (found,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    assert (found.id, found.attempts) == (lost.id, 2)
    await timed.outbox_queue.mark_failed(lost, "timeout", None)
    assert await status(timed, found) == (Delivery.PENDING, None, 2), "it held it no longer"
    await timed.outbox_queue.mark_delivered(lost, "webhook")
    assert await status(timed, found) == (Delivery.DELIVERED, None, 2), "but it did arrive"
    await timed.outbox_queue.mark_failed(found, "timeout", None)
    assert await status(timed, found) == (Delivery.DELIVERED, None, 2)


async def test_it_is_tried_again_when_it_is_time(timed: Store, hands: Hands, tenant: str) -> None:
    await noticed(timed, tenant)
    (letter,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    await timed.outbox_queue.mark_failed(letter, "http_500", hands.now + HOUR)
    assert await status(timed, letter) == (Delivery.PENDING, "http_500", 1)
    hands.now += HOUR - MINUTE
    assert await timed.outbox_queue.lease(tenant, 1, hands.soon()) == []
    hands.now += MINUTE
    (again,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    assert again.attempts == 2
    await timed.outbox_queue.mark_delivered(again, "webhook")
    assert await status(timed, again) == (Delivery.DELIVERED, None, 2)


async def test_a_dead_letter_comes_back_by_command(timed: Store, hands: Hands, tenant: str) -> None:
    numbers = await noticed(timed, tenant, 2)
    for letter in await timed.outbox_queue.lease(tenant, 2, hands.soon()):
        await timed.outbox_queue.mark_failed(letter, "gone", None)
    unreached = pending_call(tenant, None, new_number())
    await timed.outbox.deliver(unreached)
    dead = await timed.outbox_queue.page(tenant, Delivery.DEAD, 10)
    assert {row.number for row in dead} == {*numbers, unreached.number}
    (first,) = await timed.outbox_queue.page(tenant, None, 1)
    rest = await timed.outbox_queue.page(tenant, None, 10, first.place)
    assert {first.number, *(row.number for row in rest)} == {*numbers, unreached.number}
    assert len(rest) == 2
    assert await timed.outbox_queue.redrive(f"not-{tenant}") == 0
    assert await timed.outbox_queue.redrive(tenant, numbers[0]) == 1
    by = By(Actor(kind=ActorKind.STAFF, id="ops"))
    assert await timed.outbox_queue.redrive(tenant, by=by) == 1
    assert await timed.outbox_queue.redrive(tenant, by=by) == 0
    events = await timed.audit_log.events(tenant, 10, "message.")
    assert {(each.actor.id, each.subject) for each in events} == {
        ("banjie", numbers[0]), ("ops", "all")
    }  # fmt: skip
    again = await timed.outbox_queue.lease(tenant, 10, hands.soon())
    assert {(letter.number, letter.attempts) for letter in again} == {(n, 1) for n in numbers}
    (told,) = await timed.outbox.of(tenant, unreached.number)
    assert told.status is Delivery.DEAD, "the process has gone on with that"


async def test_kept_where_nobody_is_sent_anything(timed: Store, hands: Hands, tenant: str) -> None:
    (number, leased) = await noticed(timed, tenant, 2)
    await timed.outbox_queue.lease(tenant, 1, hands.soon())
    assert await timed.outbox_queue.mark_due_delivered(tenant) == 1
    assert await timed.outbox_queue.mark_due_delivered(tenant) == 0
    hands.now += MINUTE
    assert await timed.outbox_queue.mark_due_delivered(tenant) == 1
    (row,) = await timed.outbox.of(tenant, number)
    assert (row.status, row.channel, row.message) == (
        Delivery.DELIVERED,
        "local_mailbox",
        f"note-{number}-1-0",
    )
    assert row.delivered_at is not None
    assert leased != number


def refund(tenant: str, number: str) -> PendingCall:
    asked = pending_call(tenant, None, number)
    return asked.model_copy(update={"port": "refund", "template": "refund"})


async def test_local_orders_do_a_thing_once(store: Store, tenant: str) -> None:
    reserved = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    asked = refund(tenant, reserved.number)
    answers = await asyncio.gather(*(store.local_orders.add(asked) for _ in range(5)))
    (row,) = await store.local_orders.of(tenant, reserved.number)
    assert {answer.reference for answer in answers} == {row.reference}
    assert row.reference == f"refund-{reserved.number}-12-1"
    assert (row.port, row.params) == ("refund", {"amount": "20.00"})
    assert await store.local_orders.of(f"not-{tenant}", reserved.number) == []
    other = await store.local_orders.add(asked.model_copy(update={"n": 2}))
    assert other.reference != row.reference


async def test_a_clock_that_is_behind_sends_for_the_first_time(
    timed: Store, hands: Hands, tenant: str
) -> None:
    await noticed(timed, tenant)
    hands.now -= 3 * HOUR
    (letter,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    await timed.outbox_queue.mark_delivered(letter, "webhook")
    assert await status(timed, letter) == (Delivery.DELIVERED, None, 1)


async def test_a_clock_that_is_ahead_holds_nothing_for_long(
    timed: Store, hands: Hands, tenant: str
) -> None:
    await noticed(timed, tenant)
    hands.now += 3 * HOUR
    (lost,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    hands.now -= 3 * HOUR
    (found,) = await timed.outbox_queue.lease(tenant, 1, hands.soon())
    assert (found.id, found.attempts) == (lost.id, 2)
