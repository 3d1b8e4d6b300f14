"""A worker whose clock is three hours wrong: the server's time counts, and nothing waits for it.

Its clock is Python's, which is what our code reads; Temporal's core and SQLite read the machine's.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.oracle.oracle import Oracle
from store import Store
from store.outbox.records import Delivery
from temporal.connection import connect
from tests.support.agents import TENANT, agents
from tests.support.exactly_once import breaches_of, reckon
from tests.support.ports_server import Books
from tests.support.process_group import Lab
from tests.support.receiver import serving
from tests.support.story_runner import Scene, Stage, cast, happened, start, tell
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("skewed")]
RESPONSE = timedelta(minutes=15)
SOON = timedelta(seconds=6)
LATE = (0, 2, 30)
"""Hours ago cases were received; two hours are wrongly four, or none, by the worker's clock."""
FIRST = ("response", 1)
ROUGHLY = timedelta(seconds=1)


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with serving(Books()) as books:
        yield books


@pytest.fixture(params=["+3", "-3"])
async def lab(tmp_path: Path, books: Books, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    more = {
        "BANJIE_WEBHOOK_URL": books.url,
        "BANJIE_WEBHOOK_SECRET": "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=",
        "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    lab = Lab(tmp_path, worker=f"tests.support.skewed_clock {request.param} worker", more=more)
    await lab.start()
    yield lab
    lab.stop()


@pytest.fixture
async def store(lab: Lab) -> AsyncIterator[Store]:
    store = await Store.open(lab.database_url, migrate=True)
    yield store
    await store.close()


async def test_the_servers_time_counts(lab: Lab, store: Store, books: Books) -> None:
    began = datetime.now(UTC) - ROUGHLY
    stage = Stage.now(LATE)
    told = stage.bill(len(stage.all))
    people = await agents(store, lab.url, *cast(stage.all))
    received = datetime.now(UTC) + SOON - RESPONSE
    try:
        left = await start(people, told[0], 0, received)
        numbers = await asyncio.gather(*(tell(people, s, n) for n, s in enumerate(told, 1)))
    finally:
        await people.close()
    await breached(store, left, received + RESPONSE)
    await as_told(store, numbers, told, began)
    await posted(store, books)
    oracle = Oracle(await connect(lab.temporal.target), store)
    assert [f async for f in oracle.verify(acknowledged=[*numbers, left])] == []
    found = await reckon(store, [*numbers, left])
    assert found.wrong == []
    assert all(found.keys.values()), "there were refunds and parcels of both sorts"
    assert found.latest < SOON


async def breached(store: Store, number: str, due: datetime) -> None:
    """Wait until the one that nobody answered has its breach, due as promised, seen soon after."""

    async def seen() -> bool:
        return bool(breaches_of(await store.entries.of(TENANT, number)))

    await until(seen)
    (breach,) = breaches_of(await store.entries.of(TENANT, number))
    assert breach.due_at == due
    assert breach.detected_at
    assert due <= breach.detected_at <= datetime.now(UTC)


async def as_told(
    store: Store, numbers: Sequence[str], told: Sequence[Scene], began: datetime
) -> None:
    """All happened as on the pure engine, while the test ran, by a clock that is right."""
    for number, scene in zip(numbers, told, strict=True):
        entries = await store.entries.of(TENANT, number)
        assert happened(entries) == scene.happened
        assert all(began <= e.at <= datetime.now(UTC) for e in entries if not e.due_at)
        row = await store.cases.get(TENANT, number)
        (first,) = [
            c for c in await store.clocks.of(TENANT, number) if (c.clock, c.instance) == FIRST
        ]
        assert row
        assert first.started_at == row.received_at


async def posted(store: Store, books: Books) -> None:
    """Wait until nothing is on its way out; each notice came, and none twice."""

    async def all_gone() -> bool:
        return not await store.outbox_queue.page(TENANT, Delivery.PENDING, 1)

    await until(all_gone)
    sent = await store.outbox_queue.page(TENANT, Delivery.DELIVERED, 10_000)
    assert {r.message for r in sent if r.channel == "webhook"} == set(books.told)
    assert set(books.told.values()) == {1}
