"""A worker whose clock is three hours wrong: the server's time counts, and nothing waits for it.

Its clock is Python's, which our code reads; Temporal's core and SQLite read the machine's.
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
from tests.support.exactly_once import breaches_of, check_exactly_once
from tests.support.ports_server import PortsServer
from tests.support.process_group import ProcessGroup
from tests.support.receiver import serving
from tests.support.story_runner import (
    Scenario,
    ScenarioSet,
    outline,
    participants,
    run_scenario,
    start_case,
)
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("skewed")]
RESPONSE = timedelta(minutes=15)
SOON = timedelta(seconds=6)
SCENARIOS = {"+3": 16, "-3": 12}
"""Enough for a refund, a parcel, a replacement and a conversion, each in time and late."""
LATE = (0, 2, 30)
"""How many hours before now cases were received; two are five, or none, by the worker's clock."""
FIRST = ("response", 1)
ROUGHLY = timedelta(seconds=1)


@pytest.fixture
async def ports_server() -> AsyncIterator[PortsServer]:
    async with serving(PortsServer()) as ports_server:
        yield ports_server


@pytest.fixture(params=["+3", "-3"])
async def processes(
    tmp_path: Path, ports_server: PortsServer, request: pytest.FixtureRequest
) -> AsyncIterator[ProcessGroup]:
    settings = {
        "BANJIE_WEBHOOK_URL": ports_server.url,
        "BANJIE_WEBHOOK_SECRET": "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=",
        "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1",
    }
    processes = ProcessGroup(
        tmp_path, worker=f"tests.support.skewed_clock {request.param} worker", more=settings
    )
    await processes.start()
    yield processes
    processes.stop()


@pytest.fixture
async def store(processes: ProcessGroup) -> AsyncIterator[Store]:
    store = await Store.open(processes.database_url, migrate=True)
    yield store
    await store.close()


async def test_the_servers_time_counts(
    processes: ProcessGroup,
    store: Store,
    ports_server: PortsServer,
    request: pytest.FixtureRequest,
) -> None:
    began = datetime.now(UTC) - ROUGHLY
    scenario_set = ScenarioSet.now(LATE)
    scenarios = scenario_set.selection(SCENARIOS[request.node.callspec.params["processes"]])
    people = await agents(store, processes.url, *participants(scenario_set.all))
    received = datetime.now(UTC) + SOON - RESPONSE
    try:
        unattended = await start_case(people, scenarios[0], 0, received)
        numbers = await asyncio.gather(
            *(run_scenario(people, s, n) for n, s in enumerate(scenarios, 1))
        )
    finally:
        await people.close()
    await breached(store, unattended, received + RESPONSE)
    await ran_as_told(store, numbers, scenarios, began)
    await delivered_once(store, ports_server)
    oracle = Oracle(await connect(processes.temporal.target), store)
    assert [f async for f in oracle.verify(acknowledged=[*numbers, unattended])] == []
    report = await check_exactly_once(store, [*numbers, unattended])
    assert report.faults == []
    assert all(report.keys.values()), "there were refunds and parcels of both sorts"
    assert report.longest_delay < SOON


async def breached(store: Store, number: str, due: datetime) -> None:
    """Wait for the breach of the unanswered case: due as promised, detected soon after."""

    async def seen() -> bool:
        return bool(breaches_of(await store.entries.of(TENANT, number)))

    await until(seen)
    (breach,) = breaches_of(await store.entries.of(TENANT, number))
    assert breach.due_at == due
    assert breach.detected_at
    assert due <= breach.detected_at <= datetime.now(UTC)


async def ran_as_told(
    store: Store, numbers: Sequence[str], scenarios: Sequence[Scenario], began: datetime
) -> None:
    """Check that all went as on the pure engine, while the test ran, by a clock that is right."""
    for number, scenario in zip(numbers, scenarios, strict=True):
        entries = await store.entries.of(TENANT, number)
        assert outline(entries) == scenario.outline
        assert all(began <= e.at <= datetime.now(UTC) for e in entries if not e.due_at)
        row = await store.cases.get(TENANT, number)
        (first,) = [
            c for c in await store.clocks.of(TENANT, number) if (c.clock, c.instance) == FIRST
        ]
        assert row
        assert first.started_at == row.received_at


async def delivered_once(store: Store, ports_server: PortsServer) -> None:
    """Wait until the outbox is empty; each notice was delivered, and none twice."""

    async def all_gone() -> bool:
        return not await store.outbox_queue.page(TENANT, Delivery.PENDING, 1)

    await until(all_gone)
    sent = await store.outbox_queue.page(TENANT, Delivery.DELIVERED, 10_000)
    assert {r.message for r in sent if r.channel == "webhook"} == set(ports_server.deliveries)
    assert set(ports_server.deliveries.values()) == {1}
