"""A dispatcher killed between sending and marking: the next one sends it again, as the same."""

import asyncio
from pathlib import Path

from store import Store
from store.outbox.records import Delivery
from tests.store import sample_cases
from tests.support.process_group import ServiceProcess
from tests.support.receiver import HANG, Receiver, Reply
from tests.support.waiting import until

TENANT = "default"
AFTER_THE_LEASE = 0.02
"""Hours; the next dispatcher lives so much later than the one that died, as its clock tells."""


async def test_it_is_sent_again_under_the_same_id(
    store: Store, url: str, receiver: Receiver, tmp_path: Path
) -> None:
    case = sample_cases.opened(TENANT)
    await store.recorder.write(sample_cases.update_after(case))
    number = case.opening.number
    env = {
        "BANJIE_DATABASE_URL": url,
        "BANJIE_WEBHOOK_URL": receiver.url,
        "BANJIE_WEBHOOK_SECRET": "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=",
        "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    receiver.answers(Reply(HANG), Reply(204))
    first = ServiceProcess("worker.dispatcher", env, tmp_path / "first.log")
    later = f"tests.support.skewed_clock {AFTER_THE_LEASE} worker.dispatcher"
    second = ServiceProcess(later, env, tmp_path / "second.log")
    first.start()
    try:
        async with asyncio.timeout(30):
            await receiver.arrived.wait()
        first.kill()
        (leased,) = await store.outbox.of(TENANT, number)
        assert (leased.status, leased.attempts) == (Delivery.PENDING, 1)
        assert await store.outbox_queue.tenants() == [], "the dead one still holds it"
        second.start()

        async def delivered() -> bool:
            (row,) = await store.outbox.of(TENANT, number)
            return row.status is Delivery.DELIVERED

        await until(delivered)
        assert second.stop() == 0
    finally:
        first.kill()
        second.kill()
    (row,) = await store.outbox.of(TENANT, number)
    assert (row.attempts, row.message) == (2, f"{number}-1-0")
    ids = [received.headers["webhook-id"] for received in receiver.requests]
    assert ids == [f"{number}-1-0"] * 2
    assert len({received.body for received in receiver.requests}) == 1
