"""SIGTERM to the worker and the API while they work: they finish what they have, and end well."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from ops.oracle.oracle import Oracle
from store import Store
from temporal.connection import connect
from tests.support.agents import TENANT, Agents, agents
from tests.support.process_group import Lab
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("stopping")]
CASES, AT_ONCE = 30, 6


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    lab = Lab(tmp_path)
    await lab.start()
    yield lab
    lab.stop()


@pytest.fixture
async def store(lab: Lab) -> AsyncIterator[Store]:
    store = await Store.open(lab.database_url)
    yield store
    await store.close()


@pytest.fixture
async def people(lab: Lab, store: Store) -> AsyncIterator[Agents]:
    people = await agents(store, lab.url)
    yield people
    await people.close()


async def closed(store: Store) -> int:
    return sum(count.n for count in await store.counts.cases(TENANT) if count.state == "closed")


async def test_both_are_stopped_under_load(lab: Lab, store: Store, people: Agents) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> str:
        async with gate:
            return await people.whole_case(index)

    load = asyncio.gather(*(one(index) for index in range(CASES)))
    for enough, part in ((3, lab.worker), (10, lab.api)):

        async def far_enough(enough: int = enough) -> bool:
            return await closed(store) >= enough

        await until(far_enough, seconds=60)
        assert not load.done(), "the cases ended before the last stop: make them more"
        assert await asyncio.to_thread(part.stop) == 0
        part.start()
    numbers = await load
    client = await connect(lab.temporal.target)
    assert [f async for f in Oracle(client, store).verify(acknowledged=numbers)] == []
    assert await closed(store) == CASES == len(set(numbers))


async def test_a_request_under_way_is_answered(lab: Lab, people: Agents) -> None:
    """Nobody records, so the start waits its two seconds; the API is told to stop meanwhile."""
    assert await asyncio.to_thread(lab.worker.stop) == 0
    body = {"kind": "complaint", "channel": "app", "form": {"words": "?"}, "external_ref": "late"}
    start = asyncio.create_task(people.http("shop").post("/v1/cases", json=body))
    client = await connect(lab.temporal.target)

    async def started() -> bool:
        return (await client.count_workflows()).count == 1

    await until(started)
    assert not start.done()
    stopped = asyncio.create_task(asyncio.to_thread(lab.api.stop))
    answer = await start
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    assert await stopped == 0
    lab.worker.start()
    lab.api.start()
    await lab.ready()
    await people.reach(answer.json()["number"], "received")
