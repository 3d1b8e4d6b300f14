"""The whole system on a real PostgreSQL: processes, whole cases, and the database that stops."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from ops.oracle.oracle import Oracle
from store import Store
from store.cases.records import CaseFilter
from store.db.engine import MAX_OVERFLOW, POOL_SIZE
from temporal.connection import connect
from tests.support.agents import TENANT, Agents, agents
from tests.support.cases import SORTED
from tests.support.postgres import Cluster, running
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until
from worker.settings import WorkerSettings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("postgres-e2e")]
AT_ONCE, CATCHING_UP = 6, timedelta(seconds=30)
_indices = count(1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that a test may stop."""
    with running() as cluster:
        yield cluster


@pytest.fixture(scope="module")
async def processes(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ProcessGroup]:
    """Temporal, worker and API as processes; the first of them to come makes the tables."""
    processes = ProcessGroup(
        tmp_path_factory.mktemp("lab"), url=cluster.new_database(template="template0")
    )
    await processes.start()
    yield processes
    processes.stop()


@pytest.fixture
async def people(processes: ProcessGroup, store: Store) -> AsyncIterator[Agents]:
    people = await agents(store, processes.url)
    yield people
    await people.close()


async def carry(people: Agents, cases: int) -> list[str]:
    """So many complaints from start to closed, some at a time; their numbers."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> str:
        async with gate:
            return await people.whole_case(next(_indices))

    return list(await asyncio.gather(*(one() for _ in range(cases))))


async def nothing_wrong(processes: ProcessGroup, store: Store, numbers: list[str]) -> None:
    """The oracle is clean, and these cases are closed and solved."""
    oracle = Oracle(await connect(processes.temporal.target), store, catch_up=CATCHING_UP)
    assert [f async for f in oracle.verify(acknowledged=numbers)] == []
    rows = [await store.cases.get(TENANT, number) for number in numbers]
    assert {row.outcome for row in rows if row} == {"solved"}
    assert len(set(numbers)) == len(numbers)


async def test_whole_complaints(processes: ProcessGroup, store: Store, people: Agents) -> None:
    numbers = await carry(people, 4)
    await nothing_wrong(processes, store, numbers)


@pytest.mark.parametrize("seconds", [5, pytest.param(15, marks=pytest.mark.nightly)])
async def test_the_database_stops_under_load(
    processes: ProcessGroup, store: Store, cluster: Cluster, people: Agents, seconds: float
) -> None:
    probe = await people.start(next(_indices))
    await people.take(probe, [{"step": "accept"}], "accept-it")
    load = asyncio.create_task(carry(people, 14))
    await under_way(store, AT_ONCE)
    cluster.stop("immediate")
    began = asyncio.get_running_loop().time()
    try:
        assert not load.done(), "the cases ended before the database stopped: make them more"
        await steps_go_on(people, probe, "classify", SORTED)
        await starts_wait(people, processes)
        assert await asyncio.to_thread(processes.worker.stop) == 0
        processes.worker.start()
        await steps_go_on(people, probe, "claim", {})
        await asyncio.sleep(began + seconds - asyncio.get_running_loop().time())
    finally:
        cluster.start()
    await reach(store, probe, "investigating")
    numbers = await load
    await nothing_wrong(processes, store, numbers)


async def steps_go_on(people: Agents, probe: str, step: str, form: Mapping[str, Any]) -> None:
    """The API knows the key from before; what is done is durable, and not yet recorded."""
    path, key = f"/v1/cases/{probe}/steps", {"Idempotency-Key": f"{step}-it"}
    command = {"steps": [{"step": step, "form": dict(form)}]}
    async with asyncio.timeout(CATCHING_UP.total_seconds()):
        while True:
            taken = await people.http("liu.yang").post(path, json=command, headers=key)
            if taken.status_code == httpx.codes.ACCEPTED:
                return
            # A worker that is just starting: not accepted in time, so the same again.
            assert taken.json()["code"] == "engine_down", taken.text


async def starts_wait(people: Agents, processes: ProcessGroup) -> None:
    body = {"kind": "complaint", "channel": "app", "form": {"words": "?"}, "external_ref": "later"}
    start = await people.http("shop").post("/v1/cases", json=body)
    assert start.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert int(start.headers["Retry-After"]) > 0
    assert start.json()["code"] == "store_down"
    async with httpx.AsyncClient(base_url=processes.url) as http:
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (httpx.codes.OK, "degraded")


async def under_way(store: Store, cases: int) -> None:
    """Wait until so many are open."""

    async def there() -> bool:
        page = await store.cases.page(TENANT, CaseFilter(open=True), None, cases)
        return len(page.items) >= cases

    await until(there, CATCHING_UP.total_seconds())


async def reach(store: Store, number: str, state: str) -> None:
    async def there() -> bool:
        row = await store.cases.get(TENANT, number)
        return row is not None and row.state == state

    await until(there, CATCHING_UP.total_seconds())


def test_a_worker_never_waits_for_its_own_connections() -> None:
    assert WorkerSettings.model_fields["activities"].default <= POOL_SIZE + MAX_OVERFLOW
