"""Payments and the courier: done once, refused with a reason, or raised to be tried again."""

import json

import pytest
from pydantic import JsonValue

from activities.orders import OrderActivities
from activities.ports.http_ports import HttpPort
from activities.ports.interfaces import Declined, Done, PortFailed
from activities.ports.local_ports import LocalPort
from domain.engine.messages import Outcome, PendingCall
from store import Store
from tests.support.cases import new_number
from tests.support.receiver import HANG, Receiver, Reply

AMOUNT: dict[str, JsonValue] = {"amount": "2199.00", "currency": "CNY"}


def pending_call(port: str = "refund") -> PendingCall:
    return PendingCall(
        tenant="default",
        number=new_number("TH"),
        seq=9,
        n=0,
        port=port,
        template="refund",
        done="refunded",
        refused="refund_failed",
        customer="cu-1",
        params=AMOUNT,
    )


@pytest.mark.parametrize("port", ["refund", "shipment", "replacement"])
async def test_a_local_order_is_written_once(store: Store, port: str) -> None:
    orders, call = OrderActivities(LocalPort(store), LocalPort(store)), pending_call(port)
    first, again = [await getattr(orders, port)(call) for _ in range(2)]
    reference = f"{port}-{call.number}-9-0"
    assert first == again == Outcome(step="refunded", form={"reference": reference})
    (row,) = await store.local_orders.of("default", call.number)
    assert (row.reference, row.port, row.params) == (reference, call.port, AMOUNT)


async def test_what_is_posted(receiver: Receiver) -> None:
    receiver.answers(Reply(201, '{"reference": "pay_77", "more": 1}'))
    call = pending_call()
    assert await HttpPort(receiver.url, "secret").order(call) == Done("pay_77")
    assert await HttpPort(receiver.url).order(call) == Done("pay_77")
    first, second = receiver.requests
    assert first.headers["idempotency-key"] == f"{call.number}-9-0"
    assert second.headers["idempotency-key"] == f"{call.number}-9-0"
    assert first.headers["authorization"] == "Bearer secret"
    assert "authorization" not in second.headers
    assert json.loads(first.body) == {
        "tenant": "default",
        "number": call.number,
        "seq": 9,
        "n": 0,
        "port": "refund",
        "template": "refund",
        "customer": "cu-1",
        "params": AMOUNT,
    }


@pytest.mark.parametrize("status", [409, 422])
async def test_a_refusal_is_an_answer(receiver: Receiver, status: int) -> None:
    receiver.answers(Reply(status, '{"reason": "account_closed"}'))
    call = pending_call()
    port = HttpPort(receiver.url)
    assert await port.order(call) == Declined("account_closed")
    expected = Outcome(step="refund_failed", form={"reason": "account_closed"})
    assert await OrderActivities(port, port).refund(call) == expected


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(404, '{"reason": "unknown"}'),
        Reply(302, headers={"Location": "http://127.0.0.1:1/"}),
        Reply(200, "done"),
        Reply(200, '{"reference": "not a code"}'),
        Reply(422, '{"detail": "no reason"}'),
        Reply(HANG),
    ],
)
async def test_anything_else_is_a_technical_failure(receiver: Receiver, reply: Reply) -> None:
    receiver.answers(reply)
    with pytest.raises(PortFailed, match=r"^refund: [\w ]+$"):
        await HttpPort(receiver.url, timeout=0.3).order(pending_call())


async def test_nobody_there() -> None:
    with pytest.raises(PortFailed, match=r"^refund: ConnectError$"):
        await HttpPort("http://127.0.0.1:9/").order(pending_call())
