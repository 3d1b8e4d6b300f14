"""Messages that can be called back, between real processes: said once, or called back, never both.

On both databases: the worker sends, the test calls back, and the worker is killed while it sends.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from domain.engine.task_actions import notified_text
from store import Store
from store.db.clock import utc_now
from store.scheduled.records import MessageStatus, ScheduledMessage
from tests.support.agents import TENANT, Agents
from tests.support.postgres import running
from tests.support.process_group import ProcessGroup, ServiceProcess
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("scheduled")]

AUTHOR, MESSAGES, SEED = "liu.yang", 24, 20261129
SOON, SPREAD = timedelta(seconds=2), timedelta(seconds=1.5)
AFTER_THE_LEASE = 0.02
"""Hours; the next worker lives so much later than the one that died, as its clock tells."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of the database; None for a file of the system's own."""
    if request.param == "sqlite":
        yield None
        return
    with running() as cluster:
        yield cluster.new_database(template="template0")


@pytest.fixture(scope="module")
async def processes(
    url: str | None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ProcessGroup]:
    processes = ProcessGroup(tmp_path_factory.mktemp("scheduled"), url=url)
    await processes.start()
    yield processes
    processes.stop()


async def schedule(store: Store, number: str, text: str, waits: timedelta) -> ScheduledMessage:
    now = utc_now()
    message = ScheduledMessage(
        tenant=TENANT, id=f"{number}-{text}", number=number, author=AUTHOR, text=text, digest="-",
        made_at=now, due_at=now + waits, status=MessageStatus.WAITING,
    )  # fmt: skip
    return (await store.scheduled_messages.add(message))[0]


async def status(store: Store, message: ScheduledMessage) -> MessageStatus:
    found = await store.scheduled_messages.get(TENANT, message.id)
    assert found is not None
    return found.status


async def said(store: Store, number: str) -> list[str]:
    entries = await store.entries.of(TENANT, number)
    return [text for text in map(notified_text, entries) if text is not None]


async def until_said(store: Store, number: str, count: int) -> None:
    """Wait until so many messages are recorded: what is accepted may not be yet."""

    async def is_recorded() -> bool:
        return len(await said(store, number)) >= count

    await until(is_recorded)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that does nothing for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_what_is_called_back_is_not_said_and_the_rest_once(
    store: Store, people: Agents
) -> None:
    """Each is called back about when it is due, while the worker is about to take it."""
    number, draw = await people.start(1), random.Random(SEED)
    await people.recorded(number, 1)
    made = [
        await schedule(store, number, f"news {n}", SOON + draw.random() * SPREAD)
        for n in range(MESSAGES)
    ]

    async def call_back(message: ScheduledMessage) -> bool:
        at = message.due_at + draw.uniform(-0.2, 1.2) * timedelta(seconds=1)
        await asyncio.sleep(max((at - utc_now()).total_seconds(), 0))
        return await store.scheduled_messages.cancel(TENANT, message.id, AUTHOR)

    called_back = await asyncio.gather(*map(call_back, made))
    kept = {each.text for each, is_back in zip(made, called_back, strict=True) if not is_back}
    assert 0 < len(kept) < MESSAGES, "the race is run both ways"

    async def all_over() -> bool:
        over = (MessageStatus.SENT, MessageStatus.CANCELLED)
        return all([await status(store, each) in over for each in made])

    await until(all_over)
    await until_said(store, number, len(kept))
    assert sorted(await said(store, number)) == sorted(kept)


async def test_a_worker_killed_while_it_sends(
    processes: ProcessGroup, store: Store, people: Agents, tmp_path: Path
) -> None:
    number = await people.start(2)
    await people.recorded(number, 1)
    with stopped(processes.temporal.pid):
        message = await schedule(store, number, "news", timedelta())

        async def is_taken() -> bool:
            return await status(store, message) is MessageStatus.SENDING

        await until(is_taken)
        processes.worker.kill()
    assert not await store.scheduled_messages.cancel(TENANT, message.id, AUTHOR)
    later = f"tests.support.skewed_clock {AFTER_THE_LEASE} worker"
    following = ServiceProcess(later, processes.worker._env, tmp_path / "following.log")
    following.start()
    try:

        async def is_sent() -> bool:
            return await status(store, message) is MessageStatus.SENT

        await until(is_sent)
    finally:
        following.kill()
        processes.worker.start()
    found = await store.scheduled_messages.get(TENANT, message.id)
    assert found is not None
    assert found.attempts > 1
    await until_said(store, number, 1)
    assert await said(store, number) == ["news"]
