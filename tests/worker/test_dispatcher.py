"""Notices leave the house at least once, under one id, however the receiver and we behave."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.webhooks import Webhooks
from store import Store
from store.db.clock import utc_now
from store.outbox.records import Delivery, OutboxRow
from tests.store import sample_cases
from tests.support.moved_clock import MovedClock
from tests.support.process_group import ServiceProcess
from tests.support.receiver import HANG, Receiver, Reply
from tests.support.temporal import DevServer
from tests.support.waiting import until
from worker.dispatcher import JITTER, PAUSES, Dispatcher, pause_after
from worker.lifecycle import in_background
from worker.settings import DispatcherSettings

SECRET = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="
TENANT = "default"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
async def dispatcher(
    timed: Store, receiver: Receiver, clock: MovedClock
) -> AsyncIterator[Dispatcher]:
    hook = Webhooks(receiver.url, [SECRET], utc_now, allow_private=True, timeout=0.3)
    async with hook as webhooks:
        yield Dispatcher(timed, webhooks, clock)


async def notice(store: Store, tenant: str = TENANT) -> str:
    """A case that has just come in, with one notice to send."""
    case = sample_cases.opened(tenant)
    await store.recorder.write(sample_cases.update_after(case))
    return case.opening.number


async def row(store: Store, number: str, tenant: str = TENANT) -> OutboxRow:
    (one_row,) = await store.outbox.of(tenant, number)
    return one_row


async def test_every_tenants_notices_are_sent(
    store: Store, dispatcher: Dispatcher, receiver: Receiver
) -> None:
    tenants = {"default", "acme"}
    numbers = {tenant: await notice(store, tenant) for tenant in sorted(tenants)}
    assert await dispatcher.once() == 2
    assert await dispatcher.once() == 0
    sent = {received.headers["webhook-id"] for received in receiver.requests}
    assert sent == {f"{number}-1-0" for number in numbers.values()}
    for tenant, number in numbers.items():
        message = await row(store, number, tenant)
        assert (message.status, message.channel, message.message) == (
            Delivery.DELIVERED,
            "webhook",
            f"{number}-1-0",
        )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500), "http_500"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "redirect"),
        (Reply(HANG), "timeout"),
    ],
)
async def test_a_failure_is_tried_again_under_the_same_id(
    store: Store,
    dispatcher: Dispatcher,
    receiver: Receiver,
    clock: MovedClock,
    reply: Reply,
    reason: str,
) -> None:
    number = await notice(store)
    receiver.answers(reply, Reply(204))
    await dispatcher.once()
    message = await row(store, number)
    assert (message.status, message.reason, message.attempts) == (Delivery.PENDING, reason, 1)
    assert await dispatcher.once() == 0, "not yet"
    clock.ahead += PAUSES[0] * (1 + JITTER)
    await dispatcher.once()
    assert (await row(store, number)).status is Delivery.DELIVERED
    assert len(receiver.requests) == 2
    assert len({received.headers["webhook-id"] for received in receiver.requests}) == 1
    assert len({received.body for received in receiver.requests}) == 1


async def test_after_the_last_attempt_it_is_dead_until_it_is_redriven(
    store: Store, dispatcher: Dispatcher, receiver: Receiver, clock: MovedClock
) -> None:
    number = await notice(store)
    receiver.answers(Reply(500))
    for _ in range(len(PAUSES) + 1):
        assert (await row(store, number)).status is Delivery.PENDING
        await dispatcher.once()
        clock.ahead += DAY * (1 + JITTER)
    message = await row(store, number)
    assert (message.status, message.reason) == (Delivery.DEAD, "http_500")
    assert len(receiver.requests) == message.attempts == 10
    assert await dispatcher.once() == 0
    receiver.answers(Reply(204))
    assert await store.outbox_queue.redrive(TENANT, number) == 1
    await dispatcher.once()
    assert (await row(store, number)).status is Delivery.DELIVERED
    assert [received.headers["webhook-id"] for received in receiver.requests] == [f"{number}-1-0"]


async def test_the_receiver_says_how_long_to_wait(
    store: Store, dispatcher: Dispatcher, receiver: Receiver, clock: MovedClock
) -> None:
    number = await notice(store)
    receiver.answers(Reply(429, headers={"Retry-After": "3600"}), Reply(204))
    await dispatcher.once()
    clock.ahead += 59 * MINUTE
    assert await dispatcher.once() == 0
    clock.ahead += 2 * MINUTE
    await dispatcher.once()
    assert (await row(store, number)).status is Delivery.DELIVERED


async def test_a_receiver_that_is_gone_is_not_called_again(
    store: Store, dispatcher: Dispatcher, receiver: Receiver
) -> None:
    first = await notice(store)
    receiver.answers(Reply(410))
    await dispatcher.once()
    second = await notice(store)
    await dispatcher.once()
    for number in (first, second):
        message = await row(store, number)
        assert (message.status, message.reason) == (Delivery.DEAD, "gone")
    assert len(receiver.requests) == 1


async def test_many_dispatchers_send_each_once(
    timed: Store, dispatcher: Dispatcher, receiver: Receiver, clock: MovedClock
) -> None:
    numbers = {await notice(timed) for _ in range(20)}
    hook = Webhooks(receiver.url, [SECRET], utc_now, allow_private=True)
    async with hook as webhooks:
        another = Dispatcher(timed, webhooks, clock)
        for _ in range(3):
            await asyncio.gather(dispatcher.once(), another.once())
    sent = [received.headers["webhook-id"] for received in receiver.requests]
    assert sorted(sent) == sorted(f"{number}-1-0" for number in numbers)


async def test_without_a_webhook_notices_are_kept(store: Store) -> None:
    number = await notice(store)

    async def delivered() -> bool:
        return (await row(store, number)).status is Delivery.DELIVERED

    async with in_background(Dispatcher(store).run()):
        await until(delivered)
    message = await row(store, number)
    assert (message.channel, message.message) == ("local_mailbox", f"note-{number}-1-0")


async def test_a_database_that_is_down_is_waited_for(tmp_path: Path) -> None:
    late = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'late.db'}")
    async with in_background(Dispatcher(late).run()) as task:
        await asyncio.wait({task}, timeout=0.3)
        assert not task.done(), "there are no tables yet"
        await late.migrate()
        number = await notice(late)

        async def delivered() -> bool:
            return (await row(late, number)).status is Delivery.DELIVERED

        await until(delivered)
    await late.close()


async def test_a_process_of_its_own_ends_when_told(store: Store, url: str, tmp_path: Path) -> None:
    number = await notice(store)
    process = ServiceProcess(
        "worker.dispatcher", {"BANJIE_DATABASE_URL": url}, tmp_path / "dispatch.log"
    )
    process.start()

    async def delivered() -> bool:
        return (await row(store, number)).status is Delivery.DELIVERED

    try:
        await until(delivered)
        assert process.stop() == 0
    finally:
        process.kill()


def test_pauses_grow_and_are_spread() -> None:
    for attempts, pause in enumerate(PAUSES, start=1):
        drawn = {pause_after(attempts) for _ in range(20)}
        assert len(drawn) > 1
        assert all(each and pause <= each <= pause * (1 + JITTER) for each in drawn)
    assert pause_after(len(PAUSES) + 1) is None


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://hidden.example/", ""),
        ("https://hidden.example/", "hidden"),
        ("https://hidden.example/", f"{SECRET} whsec_hidden!"),
        ("ftp://hidden.example/", SECRET),
        ("hidden", SECRET),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, secret: str
) -> None:
    monkeypatch.setenv("BANJIE_WEBHOOK_URL", url)
    monkeypatch.setenv("BANJIE_WEBHOOK_SECRET", secret)
    with pytest.raises(ValueError, match=r"(?i)webhook_(secret|url)") as refused:
        DispatcherSettings()
    assert "hidden" not in str(refused.value)


def test_several_secrets_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANJIE_WEBHOOK_URL", "https://receiver.example/hook")
    monkeypatch.setenv("BANJIE_WEBHOOK_SECRET", f"{SECRET} {SECRET}")
    assert DispatcherSettings().webhook_secrets == [SECRET, SECRET]


async def test_the_worker_delivers_too_and_ends_when_told(
    store: Store, url: str, tmp_path: Path
) -> None:
    server = DevServer(tmp_path)
    server.start()
    env = {"BANJIE_DATABASE_URL": url, "BANJIE_TEMPORAL_TARGET": server.target}
    process = ServiceProcess("worker", env, tmp_path / "worker.log")
    try:
        await server.client()
        process.start()
        number = await notice(store)

        async def delivered() -> bool:
            return (await row(store, number)).status is Delivery.DELIVERED

        await until(delivered)
        assert process.stop() == 0
    finally:
        process.kill()
        server.kill()
