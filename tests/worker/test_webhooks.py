"""What is posted can be checked by any receiver; what it answers is understood."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activities.webhooks import NotSent, Sent, Webhooks
from store.db.clock import utc_now
from store.outbox.records import OutboxMessage
from tests.support.receiver import HANG, Receiver, Reply

OLD, NEW = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=", "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM="
OTHER = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA=="
MESSAGE = OutboxMessage(
    tenant="acme",
    number="TS20260302000017",
    seq=7,
    n=1,
    template="outcome",
    to="customer",
    at=datetime(2026, 3, 2, 8, tzinfo=UTC),
    attempts=1,
    happened="stepped",
    step="propose",
    led_to="proposed",
)


@pytest.fixture
async def webhooks(receiver: Receiver) -> AsyncIterator[Webhooks]:
    secrets = [OLD, NEW]
    async with Webhooks(receiver.url, secrets, utc_now, allow_private=True, timeout=0.5) as ours:
        yield ours


async def test_the_event(receiver: Receiver, webhooks: Webhooks) -> None:
    assert await webhooks.send(MESSAGE) == Sent()
    (received,) = receiver.requests
    assert received.headers["content-type"] == "application/cloudevents+json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert json.loads(received.body) == {
        "specversion": "1.0",
        "id": "TS20260302000017-7-1",
        "type": "banjie.case.stepped.v1",
        "source": "/banjie/acme",
        "subject": "TS20260302000017",
        "time": "2026-03-02T08:00:00Z",
        "sequence": "0000000007",
        "datacontenttype": "application/json",
        "data": {
            "number": "TS20260302000017",
            "seq": 7,
            "step": "propose",
            "state": "proposed",
            "notice": "outcome",
            "to": "customer",
        },
    }
    assert received.headers["webhook-id"] == "TS20260302000017-7-1"


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_either_secret_checks_it(receiver: Receiver, webhooks: Webhooks, secret: str) -> None:
    await webhooks.send(MESSAGE)
    (received,) = receiver.requests
    Webhook(secret).verify(received.body, dict(received.headers))


async def test_nobody_elses_secret_does(receiver: Receiver, webhooks: Webhooks) -> None:
    await webhooks.send(MESSAGE)
    (received,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(received.body, dict(received.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(received.body.replace("proposed", "closed"), dict(received.headers))


def wait(**time: int) -> timedelta:
    return timedelta(**time)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (Reply(200, "thanks"), Sent()),
        (Reply(202, endless=True), Sent()),
        (Reply(500), NotSent("http_500")),
        (Reply(500, endless=True), NotSent("http_500")),
        (Reply(404), NotSent("http_404")),
        (Reply(410), NotSent("gone")),
        (Reply(429, headers={"Retry-After": "120"}), NotSent("http_429", wait(minutes=2))),
        (Reply(429, headers={"Retry-After": "soon"}), NotSent("http_429")),
        (Reply(HANG), NotSent("timeout")),
    ],
)
async def test_the_answer_is_understood(
    receiver: Receiver, webhooks: Webhooks, reply: Reply, answer: Sent | NotSent
) -> None:
    receiver.answers(reply)
    assert await webhooks.send(MESSAGE) == answer


async def test_a_date_to_wait_for(receiver: Receiver, webhooks: Webhooks) -> None:
    date = format_datetime(utc_now() + timedelta(minutes=10), usegmt=True)
    receiver.answers(Reply(503, headers={"Retry-After": date}))
    answer = await webhooks.send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert timedelta(minutes=5) < answer.wait <= timedelta(minutes=10)


async def test_a_redirect_is_not_followed(receiver: Receiver, webhooks: Webhooks) -> None:
    receiver.answers(Reply(307, headers={"Location": "/elsewhere"}))
    assert await webhooks.send(MESSAGE) == NotSent("redirect")
    assert [received.path for received in receiver.requests] == ["/hook"]


async def test_our_own_network_is_not_called(receiver: Receiver) -> None:
    async with Webhooks(receiver.url, [NEW], utc_now) as guarded:
        assert await guarded.send(MESSAGE) == NotSent("private_address")
    assert not receiver.requests


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://no-such-host.invalid/"])
async def test_nobody_there(url: str) -> None:
    async with Webhooks(url, [NEW], utc_now, allow_private=True) as webhooks:
        assert await webhooks.send(MESSAGE) == NotSent("unreachable")
