"""A call's message is delivered once, by a contact point that the case may use."""

import asyncio

import pytest

from domain.engine.messages import PendingCall
from store import Store
from store.customers.records import DESK, Contact, CustomerInput
from store.outbox.records import LOCAL_MAILBOX, Delivered, Delivery, NotDelivered
from tests.store.sample_cases import customer_input, pending_call, reservation
from tests.support.cases import new_number


async def channel_of(store: Store, tenant: str, call: PendingCall) -> str | None:
    """The sort of contact point that a messenger would use for a call's message."""
    await store.outbox.prepare(call)
    (row,) = await store.outbox.of(tenant, call.number)
    return row.channel


async def test_a_message_is_delivered_once(store: Store, tenant: str) -> None:
    reserved = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    sent = pending_call(tenant, reserved.customer, reserved.number)
    answers = await asyncio.gather(*(store.outbox.deliver(sent) for _ in range(5)))
    assert set(answers) == {Delivered(f"note-{reserved.number}-12-1", LOCAL_MAILBOX)}
    (row,) = await store.outbox.of(tenant, reserved.number)
    assert (row.status, row.template, row.to) == (Delivery.DELIVERED, "outcome", "customer")
    assert (row.attempts, row.params) == (1, {"amount": "20.00"})
    assert row.delivered_at is not None
    assert await store.outbox.of(f"not-{tenant}", reserved.number) == []


@pytest.mark.parametrize("nameless", [True, False])
async def test_whoever_cannot_be_reached_is_not_told(
    store: Store, tenant: str, nameless: bool
) -> None:
    given = CustomerInput() if nameless else CustomerInput(name="王")
    reserved = await store.intake.reserve(tenant, reservation("k1", customer=given))
    sent = pending_call(tenant, reserved.customer, reserved.number)
    assert await store.outbox.deliver(sent) == NotDelivered("no_contact")
    (row,) = await store.outbox.of(tenant, reserved.number)
    assert (row.status, row.reason, row.message) == (Delivery.DEAD, "no_contact", None)


async def test_an_address_is_no_way_to_be_told(store: Store, tenant: str) -> None:
    home, chat = Contact("address", "南京路 1 号"), Contact("wechat", "wangxm")
    for key, contacts, heard in (
        ("k1", (home,), NotDelivered("no_contact")),
        ("k2", (home, chat), "wechat"),
    ):
        given = CustomerInput(contacts=contacts)
        reserved = await store.intake.reserve(tenant, reservation(key, customer=given))
        call = pending_call(tenant, reserved.customer, reserved.number)
        assert heard in (await store.outbox.prepare(call), await channel_of(store, tenant, call))


async def test_only_what_the_cases_own_source_or_the_desk_told_is_used(
    store: Store, tenant: str
) -> None:
    phone, mail = Contact("phone", "138 0000 0000"), Contact("email", "wang@example.com")
    ref = None
    for source, contacts in (("shop", (phone, mail)), ("feedback", (mail,))):
        wanted = reservation(
            (source, "k"), source=source, customer=CustomerInput(contacts=contacts)
        )
        ref = (await store.intake.reserve(tenant, wanted)).customer
    assert ref is not None
    calls = {
        source: pending_call(tenant, ref, new_number(), source)
        for source in ("shop", "feedback", "crm", DESK)
    }
    channels = {source: await channel_of(store, tenant, call) for source, call in calls.items()}
    assert channels == {"shop": "phone", "feedback": "email", "crm": None, DESK: None}
    entered = reservation((DESK, "k"), source=DESK, customer=CustomerInput(contacts=(phone,)))
    assert (await store.intake.reserve(tenant, entered)).customer == ref
    later = pending_call(tenant, ref, new_number(), "crm")
    assert await channel_of(store, tenant, later) == "phone"


async def test_a_repetition_hears_the_same_whatever_changed(store: Store, tenant: str) -> None:
    number = new_number()
    assert await store.outbox.deliver(pending_call(tenant, None, number)) == NotDelivered(
        "no_contact"
    )
    reserved = await store.intake.reserve(tenant, reservation(customer=customer_input()))
    later = pending_call(tenant, reserved.customer, number)
    assert await store.outbox.deliver(later) == NotDelivered("no_contact")
