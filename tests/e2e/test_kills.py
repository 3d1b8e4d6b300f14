"""kill -9 of the worker and of the Temporal server while cases run: nothing lost, nothing twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.oracle.oracle import Oracle
from store import Store
from store.outbox.records import Delivery
from temporal.connection import connect
from tests.conftest import MEASURED
from tests.support.agents import TENANT, Agents, agents
from tests.support.exactly_once import ExactlyOnceReport, breaches_of, check_exactly_once
from tests.support.ports_server import PortsServer
from tests.support.process_group import ProcessGroup
from tests.support.process_kills import SEED, kill_during
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

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]
AT_ONCE = 12
RESPONSE = timedelta(minutes=15)
LATE = (0, 0, 1, 30, 60)
"""How many hours before now cases were received: in time, or with limits already passed."""
LOCAL_PORTS = frozenset({"shipment", "replacement"})
"""Local orders stand in for these; refunds go to payments over HTTP."""
CATCHING_UP = timedelta(seconds=60)
WORKER = "tests.support.short_timeouts worker"
"""What a killed worker had under way is tried again soon."""


@dataclass(frozen=True)
class Profile:
    """How much is done: scenarios run, cases left alone until they breach a limit, and kills.

    The breaches fall due within `window` seconds; only `webhook` sends notices out; `midway` looks
    for moments when a refund is done and not answered yet.
    """

    scenarios: int
    unattended: int
    worker: int
    server: int
    window: float
    webhook: bool = False
    midway: bool = False


A_TENTH = Profile(20, 2, 2, 1, window=8)
WHOLE = Profile(270, 30, 20, 8, window=240, webhook=True, midway=True)


@dataclass
class Run:
    """What was done: the scenario of each case, the numbers of unattended ones, the kills."""

    scenarios: dict[str, Scenario] = field(default_factory=dict)
    unattended: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        """All cases that were started."""
        return [*self.scenarios, *self.unattended]


@pytest.fixture
async def ports_server() -> AsyncIterator[PortsServer]:
    async with serving(PortsServer()) as ports_server:
        yield ports_server


@pytest.fixture
async def processes(
    tmp_path: Path, ports_server: PortsServer, profile: Profile
) -> AsyncIterator[ProcessGroup]:
    settings = {"BANJIE_PAYMENTS_URL": ports_server.url, "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1"}
    if profile.webhook:
        settings["BANJIE_WEBHOOK_URL"] = ports_server.url
        settings["BANJIE_WEBHOOK_SECRET"] = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="
    processes = ProcessGroup(tmp_path, worker=WORKER, more=settings)
    await processes.start()
    yield processes
    processes.stop()


@pytest.fixture
async def store(processes: ProcessGroup) -> AsyncIterator[Store]:
    store = await Store.open(processes.database_url, migrate=True)
    yield store
    await store.close()


@pytest.fixture(scope="module")
def scenario_set() -> ScenarioSet:
    """All stories of all kinds, in time and late."""
    return ScenarioSet.now(LATE)


@pytest.fixture
async def people(
    processes: ProcessGroup, store: Store, scenario_set: ScenarioSet
) -> AsyncIterator[Agents]:
    people = await agents(store, processes.url, *participants(scenario_set.all))
    yield people
    await people.close()


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(A_TENTH, id="a tenth"),
        pytest.param(WHOLE, id="whole", marks=pytest.mark.nightly),
    ],
)
async def test_nothing_is_lost_whatever_is_killed(
    processes: ProcessGroup,
    store: Store,
    people: Agents,
    ports_server: PortsServer,
    profile: Profile,
    scenario_set: ScenarioSet,
    record_property: Callable[[str, object], None],
) -> None:
    began = asyncio.get_running_loop().time()
    run = await all_cases(processes, people, ports_server, profile, scenario_set)
    assert run.kills.count("worker") == profile.worker
    assert run.kills.count("server") == profile.server
    assert len(set(run.numbers)) == profile.scenarios + profile.unattended
    await breached(store, run.unattended)
    await delivered(store)
    oracle = Oracle(await connect(processes.temporal.target), store, catch_up=CATCHING_UP)
    assert [f async for f in oracle.verify(acknowledged=run.numbers)] == []
    for number, scenario in run.scenarios.items():
        assert outline(await store.entries.of(TENANT, number)) == scenario.outline
    every = await store.cases.all_numbers(TENANT, None, 10_000)
    report = await check_exactly_once(store, every, LOCAL_PORTS)
    assert report.faults == []
    assert report.keys["refund"] == ports_server.references
    converted = report.keys.get("conversion", {})
    assert sorted(every) == sorted([*run.numbers, *converted.values()]), "each was converted once"
    if profile.midway:
        assert ports_server.requests_by_key.total() > len(ports_server.references), (
            "some callers died before the answer"
        )
    assert all(report.keys.values()), "there were refunds and parcels of both sorts"
    assert report.breaches > profile.unattended, "some were born overdue"
    assert set(ports_server.deliveries) == await sent_out(store, every)
    seconds = asyncio.get_running_loop().time() - began
    record_property(
        MEASURED,
        f"{len(every)} cases, {profile.worker} + {profile.server} kills, {seconds:.0f} s; requests "
        f"repeated {people.repeated}; {figures(report, ports_server)}",
    )


def figures(report: ExactlyOnceReport, ports_server: PortsServer) -> str:
    return (
        f"{dict(report.effects)} done once, refunds asked "
        f"{ports_server.requests_by_key.total()} times; {report.notices} notices, "
        f"posted {ports_server.deliveries.total()} times; "
        f"{report.breaches} breaches, at most {report.longest_delay.total_seconds():.1f} s late"
    )


async def all_cases(
    processes: ProcessGroup,
    people: Agents,
    ports_server: PortsServer,
    profile: Profile,
    scenario_set: ScenarioSet,
) -> Run:
    """Run scenarios and start unattended cases, with kills meanwhile."""
    run, draw, gate = Run(), random.Random(SEED), asyncio.Semaphore(AT_ONCE)

    async def one(index: int, scenario: Scenario) -> None:
        async with gate:
            run.scenarios[await run_scenario(people, scenario, index)] = scenario

    async def unattended(index: int) -> None:
        due = datetime.now(UTC) + timedelta(seconds=draw.uniform(5, profile.window))
        scenario = scenario_set.all[index % len(scenario_set.all)]
        run.unattended.append(
            await start_case(people, scenario, profile.scenarios + index, due - RESPONSE)
        )

    await asyncio.gather(*(unattended(index) for index in range(profile.unattended)))
    async with asyncio.TaskGroup() as group:
        kills = kill_during(
            processes,
            run.scenarios,
            profile.scenarios,
            worker=profile.worker,
            server=profile.server,
            good_moment=(lambda: bool(ports_server.unanswered)) if profile.midway else None,
        )
        killing = group.create_task(kills)
        for index, scenario in enumerate(scenario_set.selection(profile.scenarios)):
            group.create_task(one(index, scenario))
    run.kills = killing.result()
    return run


async def breached(store: Store, numbers: Sequence[str]) -> None:
    """Wait for the breach of each unanswered case, and check the moment it was due."""
    for number in numbers:

        async def seen(number: str = number) -> bool:
            clocks = await store.clocks.of(TENANT, number)
            return any(clock.clock == "response" and clock.breached_at for clock in clocks)

        await until(seen, WHOLE.window)
        row = await store.cases.get(TENANT, number)
        breaches = breaches_of(await store.entries.of(TENANT, number))
        assert row
        assert [e.due_at for e in breaches] == [row.received_at + RESPONSE]


async def delivered(store: Store) -> None:
    """Wait until the outbox has nothing left to deliver."""

    async def all_gone() -> bool:
        return not await store.outbox_queue.page(TENANT, Delivery.PENDING, 1)

    await until(all_gone)


async def sent_out(store: Store, numbers: Sequence[str]) -> set[str]:
    """Return the ids of the notices that went to the webhook."""
    rows = [row for number in numbers for row in await store.outbox.of(TENANT, number)]
    return {f"{row.number}-{row.seq}-{row.n}" for row in rows if row.channel == "webhook"}
