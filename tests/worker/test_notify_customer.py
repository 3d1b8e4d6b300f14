"""Outcomes are sent where a webhook is named: once under one id, refused, or tried on and on."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from activities.notify_customer import NotifyCustomerActivity
from activities.ports.interfaces import PortFailed
from activities.webhooks import Webhooks
from domain.engine.messages import Outcome, PendingCall
from store import Store
from store.customers.records import CustomerInput
from store.db.clock import utc_now
from store.outbox.records import Delivery, OutboxRow
from temporal.case_client import CaseClient
from tests.store import sample_cases
from tests.support.cases import LIU, SHOP, new_number, opening, request
from tests.support.process_group import ServiceProcess
from tests.support.receiver import HANG, Receiver, Reply
from tests.support.temporal import DevServer
from tests.support.waiting import until
from worker.dispatcher import Dispatcher

SECRET = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="
TENANT = "default"


@pytest.fixture
async def webhooks(receiver: Receiver) -> AsyncIterator[Webhooks]:
    hook = Webhooks(receiver.url, [SECRET], utc_now, allow_private=True, timeout=0.3)
    async with hook as ours:
        yield ours


async def customer(store: Store, given: CustomerInput | None = None) -> str:
    """A customer that the shop told us of."""
    reservation = sample_cases.reservation(
        new_number(), now=utc_now(), customer=given or sample_cases.customer_input()
    )
    ref = (await store.intake.reserve(TENANT, reservation)).customer
    assert ref is not None
    return ref


async def pending_call(store: Store, *, recorded: bool = True) -> PendingCall:
    """Something to tell the customer of a case of the shop's."""
    case = sample_cases.opened(TENANT, customer=await customer(store))
    if recorded:
        await store.recorder.write(sample_cases.update_after(case))
    return call_of(case.opening.number, case.opening.customer)


def call_of(number: str, ref: str | None) -> PendingCall:
    return PendingCall(
        tenant=TENANT,
        number=number,
        seq=1,
        n=3,
        port="tell",
        template="outcome",
        done="told",
        refused="tell_failed",
        customer=ref,
        source="shop",
        params={"amount": "20.00"},
    )


async def row(store: Store, of: PendingCall) -> OutboxRow:
    rows = await store.outbox.of(TENANT, of.number)
    (one_row,) = [each for each in rows if each.n == of.n]
    return one_row


async def test_it_is_sent_once_and_signed(
    store: Store, receiver: Receiver, webhooks: Webhooks
) -> None:
    call, activity = await pending_call(store), NotifyCustomerActivity(store, webhooks)
    first, again = await activity.tell(call), await activity.tell(call)
    key = f"{call.number}-1-3"
    assert first == again == Outcome(step="told", form={"message": key, "channel": "webhook"})
    (received,) = receiver.requests
    Webhook(SECRET).verify(received.body, dict(received.headers))
    event = json.loads(received.body)
    assert received.headers["webhook-id"] == event["id"] == key
    assert (event["type"], event["data"]["notice"], event["data"]["to"]) == (
        "banjie.case.opened.v1",
        "outcome",
        "customer",
    )
    assert "20.00" not in received.body
    message = await row(store, call)
    assert (message.status, message.channel, message.attempts) == (Delivery.DELIVERED, "webhook", 1)


@pytest.mark.parametrize(
    ("status", "reason"), [(409, "http_409"), (422, "http_422"), (410, "gone")]
)
async def test_a_refusal_is_an_answer(
    store: Store, receiver: Receiver, webhooks: Webhooks, status: int, reason: str
) -> None:
    call, activity = await pending_call(store), NotifyCustomerActivity(store, webhooks)
    receiver.answers(Reply(status), Reply(204))
    first, again = await activity.tell(call), await activity.tell(call)
    assert first == again == Outcome(step="tell_failed", form={"reason": reason})
    assert len(receiver.requests) == 1
    assert await store.outbox_queue.redrive(TENANT, call.number) == 0, "the case went on since"
    assert (await row(store, call)).status is Delivery.DEAD


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500), "http_500"),
        (Reply(404), "http_404"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "redirect"),
        (Reply(HANG), "timeout"),
    ],
)
async def test_a_technical_failure_is_tried_again_under_the_same_id(
    store: Store, receiver: Receiver, webhooks: Webhooks, reply: Reply, reason: str
) -> None:
    call, activity = await pending_call(store), NotifyCustomerActivity(store, webhooks)
    receiver.answers(reply, Reply(204))
    with pytest.raises(PortFailed, match=f"^tell: {reason}$"):
        await activity.tell(call)
    message = await row(store, call)
    assert (message.status, message.reason, message.attempts) == (Delivery.PENDING, reason, 1)
    await Dispatcher(store, webhooks).once()
    assert f"{call.number}-1-3" not in {h.headers["webhook-id"] for h in receiver.requests[1:]}
    assert (await activity.tell(call)).step == "told"
    message = await row(store, call)
    assert (message.status, message.reason, message.attempts) == (Delivery.DELIVERED, None, 2)


async def test_our_own_network_is_not_called(store: Store, receiver: Receiver) -> None:
    call = await pending_call(store)
    async with Webhooks(receiver.url, [SECRET], utc_now) as guarded:
        with pytest.raises(PortFailed, match="private_address"):
            await NotifyCustomerActivity(store, guarded).tell(call)
    assert not receiver.requests


async def test_whoever_cannot_be_reached_is_told_by_a_person(
    store: Store, receiver: Receiver, webhooks: Webhooks
) -> None:
    nameless = call_of(new_number(), await customer(store, CustomerInput(name="王")))
    for call in (nameless, call_of(new_number(), None)):
        outcome = await NotifyCustomerActivity(store, webhooks).tell(call)
        assert outcome == Outcome(step="tell_failed", form={"reason": "no_contact"})
    assert not receiver.requests


async def test_it_waits_until_it_can_say_what_happened(
    store: Store, receiver: Receiver, webhooks: Webhooks
) -> None:
    case = sample_cases.opened(TENANT, customer=await customer(store))
    call = call_of(case.opening.number, case.opening.customer)
    telling = asyncio.create_task(NotifyCustomerActivity(store, webhooks).tell(call))

    async def waits() -> bool:
        return bool(await store.outbox.of(TENANT, call.number))

    await until(waits)
    assert not receiver.requests
    await store.recorder.write(sample_cases.update_after(case))
    assert (await telling).step == "told"
    (received,) = receiver.requests
    assert json.loads(received.body)["type"] == "banjie.case.opened.v1"


async def test_what_waited_for_a_webhook_that_is_no_more_is_kept(
    store: Store, receiver: Receiver, webhooks: Webhooks
) -> None:
    call = await pending_call(store)
    receiver.answers(Reply(500))
    with pytest.raises(PortFailed):
        await NotifyCustomerActivity(store, webhooks).tell(call)
    outcome = await NotifyCustomerActivity(store).tell(call)
    note = f"note-{call.number}-1-3"
    assert outcome == Outcome(step="told", form={"message": note, "channel": "local_mailbox"})


async def test_the_worker_tells_and_the_case_goes_on(
    store: Store, url: str, receiver: Receiver, tmp_path: Path
) -> None:
    server = DevServer(tmp_path)
    server.start()
    env = {
        "BANJIE_DATABASE_URL": url,
        "BANJIE_TEMPORAL_TARGET": server.target,
        "BANJIE_WEBHOOK_URL": receiver.url,
        "BANJIE_WEBHOOK_SECRET": SECRET,
        "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    process = ServiceProcess("worker", env, tmp_path / "worker.log")
    try:
        case_client = CaseClient(await server.client())
        process.start()
        number = await answered(case_client, await customer(store))

        async def customer_told() -> bool:
            case = await store.cases.get(TENANT, number)
            return case is not None and case.state == "following_up"

        await until(customer_told)
        assert process.stop() == 0
    finally:
        process.kill()
        server.kill()
    outcomes = [json.loads(received.body) for received in receiver.requests]
    notices = [each for each in outcomes if each["data"]["notice"] == "outcome"]
    assert [(each["subject"], each["data"]["step"]) for each in notices] == [(number, "answer")]


async def answered(case_client: CaseClient, ref: str) -> str:
    """An inquiry of the shop's with an answer that the customer is to be told."""
    number = new_number("ZX")
    await case_client.start(opening(number, "inquiry", SHOP, customer=ref))
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("accept", {}),
        ("classify", {"category": "invoice"}),
        ("claim", {}),
        ("answer", {"answer": "In the app."}),
    )
    await case_client.submit(number, request("all", *steps, actor=LIU))
    return number
