"""kill -9 of the worker and of the Temporal server while cases run: nothing lost, nothing twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ops.verify import Oracle
from store import Store
from tests.support.agents import agents
from tests.support.lab import Lab
from workflows.connect import connect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]
CASES, WORKER_KILLS, SERVER_KILLS = 100, 5, 2
SEED = 20261122


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    lab = Lab(tmp_path)
    await lab.start()
    yield lab
    lab.stop()


@pytest.fixture
async def store(lab: Lab) -> AsyncIterator[Store]:
    store = await Store.open(lab.database_url, migrate=True)
    yield store
    await store.close()


async def kill_now_and_then(lab: Lab, done: asyncio.Event) -> list[str]:
    """Kill the worker and the server in a drawn order, each while cases are on their way."""
    draw = random.Random(SEED)
    order = ["worker"] * WORKER_KILLS + ["server"] * SERVER_KILLS
    draw.shuffle(order)
    for which in order:
        await asyncio.sleep(draw.uniform(0.8, 1.6))
        assert not done.is_set(), "the cases ended before the last kill: make them more"
        part = lab.worker if which == "worker" else lab.temporal
        part.kill()
        part.start()
    return order


async def test_nothing_is_lost_whatever_is_killed(lab: Lab, store: Store) -> None:
    people = await agents(store, lab.url)
    done = asyncio.Event()
    killer = asyncio.create_task(kill_now_and_then(lab, done))
    gate = asyncio.Semaphore(12)

    async def one(index: int) -> str:
        async with gate:
            return await people.whole_case(index)

    try:
        numbers = await asyncio.gather(*(one(index) for index in range(CASES)))
        done.set()
        kills = await killer
    finally:
        await people.close()
    assert kills.count("worker") == WORKER_KILLS
    assert kills.count("server") == SERVER_KILLS
    assert len(set(numbers)) == CASES
    client = await connect(lab.temporal.target)
    findings = [f async for f in Oracle(client, store).verify(acknowledged=numbers)]
    assert findings == []
    ended = [await store.cases.get("default", number) for number in numbers]
    assert {row.outcome for row in ended if row} == {"solved"}
