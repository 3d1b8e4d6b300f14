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
from tests.support.exactly_once import breaches_of, reckon
from tests.support.kills import SEED, kill_along
from tests.support.ports_server import Books
from tests.support.process_group import Lab
from tests.support.receiver import serving
from tests.support.story_runner import Scene, Stage, cast, happened, start, tell
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]
AT_ONCE = 12
RESPONSE = timedelta(minutes=15)
LATE = (0, 0, 1, 30, 60)
"""Hours ago cases were received: in time, and with one or more limits gone by already."""
OTHERS = frozenset({"shipment", "replacement"})
"""What local orders stand in for; refunds go to payments over HTTP."""
CATCHING_UP = timedelta(seconds=60)
LEASES = 180
"""Seconds; what a killed dispatcher held is sent again after one."""


@dataclass(frozen=True)
class Profile:
    """How much is done: cases told to their end, cases left lying until a breach; and kills.

    The breaches fall due within `window` seconds; only `webhook` sends notices out; `midway` looks
    for moments when a refund is done and not answered; its case then takes half a minute longer.
    """

    told: int
    left: int
    worker: int
    server: int
    window: float
    webhook: bool = False
    midway: bool = False


A_TENTH = Profile(28, 2, 2, 1, window=15)
WHOLE = Profile(270, 30, 20, 8, window=240, webhook=True, midway=True)


@dataclass
class Run:
    """What came of it: the cases told, each with its story, and the numbers of those left lying."""

    told: dict[str, Scene] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        """All of them."""
        return [*self.told, *self.left]


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with serving(Books()) as books:
        yield books


@pytest.fixture
async def lab(tmp_path: Path, books: Books, profile: Profile) -> AsyncIterator[Lab]:
    more = {"BANJIE_PAYMENTS_URL": books.url, "BANJIE_WEBHOOK_ALLOW_PRIVATE": "1"}
    if profile.webhook:
        more["BANJIE_WEBHOOK_URL"] = books.url
        more["BANJIE_WEBHOOK_SECRET"] = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM="
    lab = Lab(tmp_path, more=more)
    await lab.start()
    yield lab
    lab.stop()


@pytest.fixture
async def store(lab: Lab) -> AsyncIterator[Store]:
    store = await Store.open(lab.database_url, migrate=True)
    yield store
    await store.close()


@pytest.fixture(scope="module")
def stage() -> Stage:
    """All stories of all kinds, told in time and late."""
    return Stage.now(LATE)


@pytest.fixture
async def people(lab: Lab, store: Store, stage: Stage) -> AsyncIterator[Agents]:
    people = await agents(store, lab.url, *cast(stage.all))
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
    lab: Lab,
    store: Store,
    people: Agents,
    books: Books,
    profile: Profile,
    stage: Stage,
    record_property: Callable[[str, object], None],
) -> None:
    began = asyncio.get_running_loop().time()
    run = await all_cases(lab, people, books, profile, stage)
    assert run.kills.count("worker") == profile.worker
    assert run.kills.count("server") == profile.server
    assert len(set(run.numbers)) == profile.told + profile.left
    await breached(store, run.left)
    await delivered(store)
    oracle = Oracle(await connect(lab.temporal.target), store, catch_up=CATCHING_UP)
    assert [f async for f in oracle.verify(acknowledged=run.numbers)] == []
    for number, scene in run.told.items():
        assert happened(await store.entries.of(TENANT, number)) == scene.happened
    every = await store.cases.all_numbers(TENANT, None, 10_000)
    found = await reckon(store, every, OTHERS)
    assert found.wrong == []
    assert found.keys["refund"] == books.done
    converted = found.keys.get("conversion", {})
    assert sorted(every) == sorted([*run.numbers, *converted.values()]), "each was converted once"
    if profile.midway:
        assert books.asked.total() > len(books.done), "some callers died before the answer"
    assert all(found.keys.values()), "there were refunds and parcels of both sorts"
    assert found.breaches > profile.left, "some were born overdue"
    assert set(books.told) == await sent_out(store, every)
    seconds = asyncio.get_running_loop().time() - began
    record_property(
        MEASURED,
        f"{len(every)} cases, {profile.worker} + {profile.server} kills, {seconds:.0f} s; "
        f"requests repeated {people.repeated}; {dict(found.effects)} done once, refunds asked "
        f"{books.asked.total()} times; {found.notices} notices, posted {books.told.total()} times; "
        f"{found.breaches} breaches, seen at most {found.latest.total_seconds():.1f} s late",
    )


async def all_cases(lab: Lab, people: Agents, books: Books, profile: Profile, stage: Stage) -> Run:
    """Told to their end or left lying, with kills on the way."""
    run, draw, gate = Run(), random.Random(SEED), asyncio.Semaphore(AT_ONCE)

    async def one(index: int, scene: Scene) -> None:
        async with gate:
            run.told[await tell(people, scene, index)] = scene

    async def left(index: int) -> None:
        due = datetime.now(UTC) + timedelta(seconds=draw.uniform(5, profile.window))
        scene = stage.all[index % len(stage.all)]
        run.left.append(await start(people, scene, profile.told + index, due - RESPONSE))

    await asyncio.gather(*(left(index) for index in range(profile.left)))
    async with asyncio.TaskGroup() as group:
        kills = kill_along(
            lab,
            run.told,
            profile.told,
            worker=profile.worker,
            server=profile.server,
            best=(lambda: bool(books.owed)) if profile.midway else None,
        )
        killing = group.create_task(kills)
        for index, scene in enumerate(stage.bill(profile.told)):
            group.create_task(one(index, scene))
    run.kills = killing.result()
    return run


async def breached(store: Store, numbers: Sequence[str]) -> None:
    """Wait until the cases that nobody answered have their breach; it was due to the second."""
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
    """Wait until nothing is on its way out."""

    async def all_gone() -> bool:
        return not await store.outbox_queue.page(TENANT, Delivery.PENDING, 1)

    await until(all_gone, LEASES)


async def sent_out(store: Store, numbers: Sequence[str]) -> set[str]:
    """The notices that went to the webhook."""
    rows = [row for number in numbers for row in await store.outbox.of(TENANT, number)]
    return {f"{row.number}-{row.seq}-{row.n}" for row in rows if row.channel == "webhook"}
