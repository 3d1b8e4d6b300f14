"""SIGTERM to the worker and the API while they work: they finish what they have, and end well."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from ops.oracle.oracle import Oracle
from store import Store
from temporal.connection import connect
from tests.support.agents import TENANT, Agents, agents
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("stopping")]
CASES, AT_ONCE = 18, 6


@pytest.fixture(scope="module")
async def processes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessGroup]:
    processes = ProcessGroup(tmp_path_factory.mktemp("stopping"))
    await processes.start()
    yield processes
    processes.stop()


@pytest.fixture
async def people(processes: ProcessGroup, store: Store) -> AsyncIterator[Agents]:
    people = await agents(store, processes.url)
    yield people
    await people.close()


async def closed(store: Store) -> int:
    return sum(count.n for count in await store.counts.cases(TENANT) if count.state == "closed")


@pytest.mark.nightly
async def test_both_are_stopped_under_load(
    processes: ProcessGroup, store: Store, people: Agents
) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> str:
        async with gate:
            return await people.whole_case(index)

    load = asyncio.gather(*(one(index) for index in range(CASES)))
    for enough, process in ((2, processes.worker), (7, processes.api)):

        async def far_enough(enough: int = enough) -> bool:
            return await closed(store) >= enough

        await until(far_enough, seconds=60)
        assert not load.done(), "the cases ended before the last stop: make them more"
        assert await asyncio.to_thread(process.stop) == 0
        process.start()
    numbers = await load
    client = await connect(processes.temporal.target)
    assert [f async for f in Oracle(client, store).verify(acknowledged=numbers)] == []
    assert await closed(store) == CASES == len(set(numbers))


async def test_a_request_under_way_is_answered(processes: ProcessGroup, people: Agents) -> None:
    """Nothing is recorded without a worker, so a start waits two seconds; the API stops then."""
    assert await asyncio.to_thread(processes.worker.stop) == 0
    body = {"kind": "complaint", "channel": "app", "form": {"words": "?"}, "external_ref": "late"}
    client = await connect(processes.temporal.target)
    before = (await client.count_workflows()).count
    start = asyncio.create_task(people.http("shop").post("/v1/cases", json=body))

    async def started() -> bool:
        return (await client.count_workflows()).count == before + 1

    await until(started)
    assert not start.done()
    stopped = asyncio.create_task(asyncio.to_thread(processes.api.stop))
    answer = await start
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    assert await stopped == 0
    processes.worker.start()
    processes.api.start()
    await processes.ready()
    await people.reach(answer.json()["number"], "received")
