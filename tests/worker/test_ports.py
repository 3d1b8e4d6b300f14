"""Payments and couriers: done once, refused with a reason, or raised to be tried again."""

import json

import pytest
from pydantic import JsonValue

from activities.orders import Refunding, Replacing, Shipping
from activities.ports.http_ports import HttpPort
from activities.ports.interfaces import Done, PortFailed, Refused, outcome
from activities.ports.local_ports import LocalPorts
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


async def test_built_in_it_is_done_once(store: Store) -> None:
    ports = LocalPorts(store)
    refund, parcel, other = pending_call(), pending_call("shipment"), pending_call("replacement")
    for asked, do in (
        (refund, Refunding(ports).refund),
        (parcel, Shipping(ports).shipment),
        (other, Replacing(ports).replacement),
    ):
        first, again = await do(asked), await do(asked)
        reference = f"{asked.port}-{asked.number}-9-0"
        assert first == again == Outcome(step="refunded", form={"reference": reference})
        (row,) = await store.local_orders.of("default", asked.number)
        assert (row.reference, row.port, row.params) == (reference, asked.port, AMOUNT)


async def test_what_is_asked_over_http(receiver: Receiver) -> None:
    receiver.answers(Reply(201, '{"reference": "pay_77", "more": 1}'))
    asked = pending_call()
    assert await HttpPort(receiver.url, "secret").refund(asked) == Done("pay_77")
    assert await HttpPort(receiver.url).send(asked) == Done("pay_77")
    first, second = receiver.heard
    assert first.headers["idempotency-key"] == f"{asked.number}-9-0"
    assert second.headers["idempotency-key"] == f"{asked.number}-9-0"
    assert first.headers["authorization"] == "Bearer secret"
    assert "authorization" not in second.headers
    assert json.loads(first.body) == {
        "tenant": "default",
        "number": asked.number,
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
    asked = pending_call()
    answer = await HttpPort(receiver.url).refund(asked)
    assert answer == Refused("account_closed")
    expected = Outcome(step="refund_failed", form={"reason": "account_closed"})
    assert outcome(asked, answer) == expected


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
        await HttpPort(receiver.url, patience=0.3).refund(pending_call())


async def test_nobody_there() -> None:
    with pytest.raises(PortFailed, match=r"^refund: ConnectError$"):
        await HttpPort("http://127.0.0.1:9/").refund(pending_call())
