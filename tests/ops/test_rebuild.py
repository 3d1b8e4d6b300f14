"""The read model made again is the one there is; what was damage is found, and mended."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.sealer import Sealer
from ops.audit.verify import Verifier
from ops.rebuild.diff import Fate, Mismatch
from ops.rebuild.rebuild import Rebuilder
from ops.rebuild.reconcile import RECONCILE
from ops.rebuild.target import TargetNotEmpty, fresh_store
from store import Store
from store.cases.records import CaseFilter
from store.outbox.records import Delivery
from store.projection import UNKNOWN, same_rows
from temporal.case_client import CaseClient
from temporal.schedules import schedule, unschedule
from tests.ops.audited_store import KEY
from tests.ops.rebuild_system import SHORT_RUNS, TENANT, System, running_system
from tests.support.complaints import submit_complaint
from tests.support.postgres import Cluster
from tests.support.temporal import DevServer
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("rebuild")
NAMESPACES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Live:
    """Where the live store is, and what belongs to it."""

    namespace: str
    folder: Path
    url: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    spaces = (word for name in NAMESPACES for word in ("--namespace", name))
    server = DevServer(tmp_path_factory.mktemp("temporal"), *SHORT_RUNS, *spaces)
    server.start()
    yield server
    server.kill()


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)],
)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Live:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        return Live(request.param, folder, f"sqlite+aiosqlite:///{folder / 'banjie.db'}")
    cluster: Cluster = request.getfixturevalue("cluster")
    return Live(request.param, folder, cluster.new_database())


@pytest.fixture(scope="module")
async def system(server: DevServer, live: Live) -> AsyncIterator[System]:
    async with running_system(live.folder, server, live.namespace, live.url) as running:
        await running.fill()
        yield running


@pytest.fixture
def empty(live: Live, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database to fill, of the sort of the live one."""
    if live.namespace == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database(template="template0")


async def test_the_cases_are_of_every_sort(system: System) -> None:
    runs = [run.id async for run in system.engine.client.list_workflows()]
    states = {n: await system.store.cases.get(TENANT, number) for n, number in system.cases.items()}
    assert any(runs.count(number) > 1 for number in system.cases.values())  # continued as new
    assert system.cases["forgotten"] not in runs
    assert {bool(row and row.closed_at) for row in states.values()} == {True, False}


async def test_a_rebuild_is_equal_to_the_store(system: System, empty: str) -> None:
    report = await system.rebuild(empty)
    assert (report.differences, report.changing) == ([], [])
    assert report.cases == report.compared == len(system.cases)
    store = await Store.open(empty)
    try:
        for number in system.cases.values():
            made = (await store.projection.rows(TENANT, [number]))[number]
            live_rows = (await system.store.projection.rows(TENANT, [number]))[number]
            assert same_rows(made, live_rows)
            assert made["entries"]
            assert made["cases"]
            sent = await system.store.outbox.of(TENANT, number)
            assert await store.outbox.of(TENANT, number) == sent
    finally:
        await store.close()


async def test_it_takes_over_the_records_and_the_local_orders(system: System, empty: str) -> None:
    checkpoint_store = CheckpointStore(
        Path(system.archive_url.removeprefix("file://")).with_name("out").as_uri()
    )
    await Sealer(system.store, checkpoint_store, KEY).seal_all()
    await system.rebuild(empty)
    store = await Store.open(empty)
    try:
        report = await Verifier(store, checkpoint_store, KEY.public, TENANT, patience=0).verify()
        assert report.findings == []
        assert (report.unsealed, report.rows > 0) == (0, True)
        page = await store.cases.page(TENANT, CaseFilter(), None, 50)
        customers = [row.customer for row in page.items if row.customer]
        assert customers
        for ref in customers:
            live_row = await system.store.customers.get(TENANT, ref)
            assert await store.customers.get(TENANT, ref) == live_row
    finally:
        await store.close()


async def test_what_nobody_knows_to_be_sent_is_never_sent(system: System, empty: str) -> None:
    """Without the live store."""
    async with fresh_store(empty) as store:
        report = await Rebuilder(system.inspector, store, live=False).run()
        assert (report.cases, report.compared) == (len(system.cases), None)
        rows = [row for n in system.cases.values() for row in await store.outbox.of(TENANT, n)]
        assert rows
        assert {(row.status, row.reason) for row in rows} == {(Delivery.DEAD, UNKNOWN)}
        assert await store.outbox_queue.tenants() == []
        assert await store.outbox_queue.redrive(TENANT) == 0


async def test_a_database_with_something_in_it_is_refused(system: System, empty: str) -> None:
    await system.rebuild(empty, records=False)
    with pytest.raises(TargetNotEmpty):
        await system.rebuild(empty)


async def test_an_interrupted_rebuild_leaves_nothing(system: System, empty: str) -> None:
    def stop(_what: str, _done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        async with fresh_store(empty) as store:
            await Rebuilder(system.inspector, store).run(stop)
    assert (await system.rebuild(empty, records=False)).cases == len(system.cases)
    folder = Path(empty.partition(":///")[2]).parent
    assert not list(folder.glob("*.unfinished*")) or system.namespace != "sqlite"


DAMAGES: dict[str, tuple[list[str], set[tuple[Mismatch, str]]]] = {
    "the row": (
        ["UPDATE cases SET state = 'lost', last_seq = 1 WHERE number = :n"],
        {(Mismatch.DIFFERS, "cases")}),
    "a task that is gone": (
        ["DELETE FROM tasks WHERE number = :n AND done_at IS NULL"],
        {(Mismatch.MISSING, "tasks"), (Mismatch.MISSING, "task_roles")}),
    "a task nobody opened": (
        ["UPDATE tasks SET seq = 99 WHERE number = :n AND seq = 1"],
        {(Mismatch.MISSING, "tasks"), (Mismatch.TOO_MANY, "tasks")}),
    "who may see a task": (
        ["DELETE FROM task_roles WHERE number = :n"], {(Mismatch.MISSING, "task_roles")}),
    "a clock": (
        ["UPDATE clocks SET state = 'met', due_at = NULL WHERE number = :n"],
        {(Mismatch.DIFFERS, "clocks")}),
    "JSON in another spelling": (
        ["UPDATE clocks SET rungs = '[ ]' WHERE number = :n"], {(Mismatch.DIFFERS, "clocks")}),
    "an entry that is gone": (
        ["DELETE FROM entries WHERE number = :n AND seq = 2"], {(Mismatch.MISSING, "entries")}),
    "all of the case": (
        [f"DELETE FROM {table} WHERE number = :n"  # noqa: S608
         for table in ("entries", "task_roles", "tasks", "clocks", "case_words", "cases")],
        {(Mismatch.MISSING, table) for table in
         ("cases", "entries", "tasks", "task_roles", "clocks", "case_words")}),
    "the words": (
        ["UPDATE case_words SET words = '-' WHERE number = :n"],
        {(Mismatch.DIFFERS, "case_words")}),
    "a notice that is gone": (
        ["DELETE FROM outbox WHERE number = :n AND seq = 1"], {(Mismatch.MISSING, "outbox")}),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_is_spoilt_is_found_and_mended(system: System, damage: str) -> None:
    number, (statements, expected) = system.cases["open"], DAMAGES[damage]
    await system.corrupt(statements, number)
    dry = await system.reconcile(mend=False)
    assert {(each.sort, each.table) for each in dry.differences} == expected
    assert {(each.number, each.fate) for each in dry.differences} == {(number, Fate.FOUND)}
    report = await system.reconcile()
    assert {(each.sort, each.table) for each in report.differences} == expected
    assert {each.fate for each in report.differences} == {Fate.MENDED}
    assert not report.stays
    assert (await system.reconcile()).differences == []
    assert await system.oracle.case(number) == []
    assert await system.store.outbox_queue.tenants() == []  # nothing is sent a second time


OTHER = ["UPDATE entries SET led_to = 'closed' WHERE number = :n AND seq = 2"]
MORE = ["UPDATE entries SET seq = 99 WHERE number = :n AND seq = 2"]
TORN = ["UPDATE entries SET form = '{' WHERE number = :n AND seq = 2"]


@pytest.mark.parametrize("statements", [OTHER, MORE, TORN], ids=["other", "more", "torn"])
async def test_an_entry_that_was_changed_is_replaced_only_if_asked(
    system: System, statements: list[str]
) -> None:
    number = system.cases["open"]
    await system.corrupt(statements, number)
    report = await system.reconcile()
    assert report.stays
    assert {each.table for each in report.differences} == {"entries"}
    assert not (await system.reconcile(entries=True)).stays
    assert (await system.reconcile()).differences == []
    assert await system.oracle.case(number) == []


async def test_a_rebuild_names_what_differs(system: System, empty: str) -> None:
    number = system.cases["open"]
    await system.corrupt(["UPDATE cases SET team = 'nobody' WHERE number = :n"], number)
    (difference,) = (await system.rebuild(empty, records=False)).differences
    assert (difference.number, difference.table, difference.fields) == (number, "cases", ("team",))
    await system.reconcile()


async def test_a_case_that_nobody_else_knows_is_told_and_left(system: System) -> None:
    number, other = system.cases["open"], "TS0"
    rows = (await system.store.projection.rows(TENANT, [number]))[number]
    await system.store.projection.fill(TENANT, {other: rows})
    report = await system.reconcile()
    assert [(each.number, each.sort, each.fate) for each in report.differences] == [
        (other, Mismatch.UNKNOWN_CASE, Fate.STAYS)
    ]
    assert await system.store.cases.get(TENANT, other)
    tables = ("entries", "task_roles", "tasks", "clocks", "case_words", "outbox", "cases")
    deletes = [f"DELETE FROM {table} WHERE number = :n" for table in tables]  # noqa: S608
    await system.corrupt(deletes, other)


async def test_mending_while_cases_move_does_no_harm(system: System) -> None:
    numbers = [await system.complaint(1) for _ in range(6)]
    case_client, mended = CaseClient(system.engine.client), 0

    async def move(number: str) -> None:
        await submit_complaint(case_client, number, upto=5, start=1)

    moving = asyncio.gather(*map(move, numbers))
    while not moving.done():
        for number in (*numbers[:2], system.cases["open"]):  # two may be recorded anew before
            await system.corrupt(["UPDATE cases SET team = 'nobody' WHERE number = :n"], number)
        mended += len((await system.reconcile()).differences)
    await moving
    await system.settled()
    await system.reconcile()
    assert mended
    assert [finding async for finding in system.oracle.verify()] == []


async def test_a_schedule_has_the_worker_do_it(system: System) -> None:
    client, number = system.engine.client, system.cases["open"]
    await system.corrupt(["UPDATE cases SET team = 'nobody' WHERE number = :n"], number)
    await schedule(client, RECONCILE, timedelta(hours=24))
    await client.get_schedule_handle(f"banjie-{RECONCILE}").trigger()

    async def mended() -> bool:
        return await system.oracle.case(number) == []

    await until(mended)
    (run,) = [r async for r in client.list_workflows("WorkflowType = 'Maintenance'")]
    report = await client.get_workflow_handle(run.id).result()
    assert (report["differences"], report["stays"]) == (1, False)
    assert await unschedule(client, RECONCILE)
