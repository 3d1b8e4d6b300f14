"""The sweep on a real server: what ended is archived with its end, once, whoever sweeps."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import ScheduleOverlapPolicy

from domain.engine.chain import entry_hash
from ops.archive.sweep import Sweeper, SweepReport
from ops.archive.verify import ArchiveVerifier
from ops.audit.archive_compare import noted_manifests
from store import Store
from store.archive import Archive, Bundle, Manifests
from temporal.case_client import CaseClient
from temporal.converter import data_converter
from temporal.histories import unpack
from temporal.schedules import schedule, unschedule
from tests.support.cases import SORTED, new_number, opening, request
from tests.support.engine import Engine, running
from tests.support.s3 import BUCKET, CREDENTIALS, serving
from tests.support.temporal import forget_run
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("sweep")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
COMPLETED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("sweep")) as up:
        yield up


@pytest.fixture
def fresh(tmp_path: Path) -> Archive:
    """An archive that no worker writes to: to a sweep all runs are missing."""
    return Archive((tmp_path / "archive").as_uri())


def own(engine: Engine) -> Archive:
    """The archive that the worker writes to."""
    return Archive((Path(engine.url.partition(":///")[2]).parent / "archive").as_uri())


async def sweep(engine: Engine, archive: Archive) -> SweepReport:
    return await Sweeper(engine.client, archive, engine.store, "test").sweep()


async def codes(archive: Archive, store: Store | None = None, head: str = "") -> list[str]:
    """What verification finds."""
    report = await ArchiveVerifier(archive, data_converter(), store=store).verify(head)
    return [finding.code for finding in report.findings]


async def begun(engine: Engine) -> str:
    """A complaint that goes on."""
    number, case_client = new_number(), CaseClient(engine.client)
    await case_client.start(opening(number))
    await case_client.submit(number, request(f"{number}-1", ("accept", {}), ("classify", SORTED)))
    return number


async def withdrawn(engine: Engine) -> str:
    """A complaint whose run is over: it archived itself, and ended."""
    number = await begun(engine)
    step = ("withdraw", {"reason": "settled in the shop"})
    await CaseClient(engine.client).submit(number, request(f"{number}-2", step))
    await engine.client.get_workflow_handle(number).result()
    await seen(engine, number, "Completed")
    return number


async def ended_by_hand(engine: Engine, number: str) -> None:
    await engine.client.get_workflow_handle(number).terminate()
    await seen(engine, number, "Terminated")


async def seen(engine: Engine, number: str, status: str) -> None:
    """Temporal's index comes after the fact."""

    async def there() -> bool:
        query = f"WorkflowId = '{number}' AND ExecutionStatus = '{status}'"
        return bool([run async for run in engine.client.list_workflows(query)])

    await until(there)


async def kept(archive: Archive, number: str) -> Bundle:
    (found,) = await archive.runs("default", number)
    return await archive.read_current(found)


async def test_a_swept_run_has_its_end(engine: Engine) -> None:
    number, archive = await withdrawn(engine), own(engine)
    before = await kept(archive, number)
    assert not before.complete
    report = await sweep(engine, archive)
    after = await kept(archive, number)
    assert report.completed >= 1
    assert report.failed == {}
    then, now = unpack(before.history), unpack(after.history)
    assert (after.complete, now[-1].event_type) == (True, COMPLETED)
    assert now[: len(then)] == then
    assert (before.events, after.events) == (len(then), len(now))
    assert (after.entries, after.case) == (before.entries, before.case)
    assert await codes(archive) == []


async def test_again_it_changes_nothing(engine: Engine, fresh: Archive) -> None:
    await withdrawn(engine)
    first = await sweep(engine, fresh)
    files = [each async for each in fresh.all("default")]
    again = await sweep(engine, fresh)
    assert (first.archived, first.listed) == (len(files), len(files))
    assert (again.archived, again.completed, again.listed, again.mended) == (0, 0, 0, 0)
    assert [each async for each in fresh.all("default")] == files
    assert len((await Manifests(fresh).read("default")).parts) == 1


async def test_a_running_case_is_left_alone(engine: Engine, fresh: Archive) -> None:
    number = await begun(engine)
    report = await sweep(engine, fresh)
    assert await fresh.runs("default", number) == []
    assert number not in {*report.lost, *report.failed}


async def test_what_was_ended_by_hand_is_archived_and_told(engine: Engine, fresh: Archive) -> None:
    number = await begun(engine)
    await ended_by_hand(engine, number)
    report = await sweep(engine, fresh)
    assert number in report.lost
    bundle = await kept(fresh, number)
    assert list(bundle.entries) == await engine.store.entries.of("default", number)
    assert bundle.case == await engine.store.cases.get("default", number)
    assert await codes(fresh) == []


async def test_what_never_began_is_archived_too(engine: Engine, fresh: Archive) -> None:
    number = new_number()
    await CaseClient(engine.client, "nobody-works-here").start(opening(number))
    await ended_by_hand(engine, number)
    await sweep(engine, fresh)
    bundle = await kept(fresh, number)
    assert (bundle.entries, bundle.complete, bundle.case.number) == ((), True, number)
    assert await codes(fresh) == []


async def test_a_file_that_is_gone_is_found_and_restored(engine: Engine, tmp_path: Path) -> None:
    number, archive = await withdrawn(engine), Archive((tmp_path / "archive").as_uri())
    await sweep(engine, archive)
    (file,) = await archive.runs("default", number)
    (tmp_path / "archive" / file.path).unlink()
    assert await codes(archive) == ["archive_missing"]
    report = await sweep(engine, archive)
    assert (report.restored, report.archived) == (1, 0)
    assert await codes(archive) == []


async def test_a_false_file_gives_way_to_what_temporal_says(engine: Engine, fresh: Archive) -> None:
    number = await withdrawn(engine)
    bundle = await kept(own(engine), number)
    await fresh.write(bundle.model_copy(update={"entries": bundle.entries[:-1], "complete": True}))
    report = await sweep(engine, fresh)
    assert report.mended == 1
    assert (await kept(fresh, number)).entries == bundle.entries
    assert await codes(fresh) == []


async def test_several_sweeps_at_once_agree(engine: Engine, fresh: Archive) -> None:
    numbers = [await withdrawn(engine) for _ in range(3)]
    await asyncio.gather(*(sweep(engine, fresh) for _ in range(4)))
    for number in numbers:
        assert (await kept(fresh, number)).complete
    assert await codes(fresh) == []


async def test_what_temporal_forgot_is_listed_if_the_store_vouches_for_it(
    engine: Engine, fresh: Archive
) -> None:
    number = await withdrawn(engine)
    bundle = await kept(own(engine), number)
    await forget_run(engine.client, number)
    false = bundle.entries[-1].model_copy(update={"led_to": "closed_otherwise"})
    forged = bundle.model_copy(update={"run": "forged", "entries": (*bundle.entries[:-1], false)})
    await fresh.write(bundle)
    alien = await fresh.write(forged)
    report = await sweep(engine, fresh)
    assert report.strangers == [alien.path]
    known = await Manifests(fresh).read("default")
    assert bundle.path in known.files
    assert known.files[bundle.path].newest == entry_hash(bundle.entries[-1])
    assert alien.path not in known.files


async def test_the_audit_log_knows_the_list(engine: Engine, tmp_path: Path) -> None:
    """A list whose end was cut off is whole in itself; the audit log and a kept hash tell."""
    archive = Archive((tmp_path / "archive").as_uri())
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'own.db'}", migrate=True)
    await withdrawn(engine)
    await Sweeper(engine.client, archive, store, "test").sweep()
    head = (await ArchiveVerifier(archive, data_converter()).verify()).head
    assert await noted_manifests(store, "default") == [(1, head)]
    assert await codes(archive, store, head) == []
    (tmp_path / "archive/default/manifest/0000000001.manifest.gz").unlink()
    assert await codes(archive) == []
    assert await codes(archive, store) == ["manifest_cut"]
    assert await codes(archive, head=head) == ["manifest_cut"]
    await store.close()


async def test_a_schedule_sweeps(engine: Engine) -> None:
    number, client = await withdrawn(engine), engine.client
    await schedule(client, "sweep", timedelta(hours=1))
    await schedule(client, "sweep", timedelta(hours=24))
    handle = client.get_schedule_handle("banjie-sweep")
    spec = (await handle.describe()).schedule.spec
    assert [each.every for each in spec.intervals] == [timedelta(hours=24)]
    await handle.trigger(overlap=ScheduleOverlapPolicy.ALLOW_ALL)

    async def done() -> bool:
        return (await kept(own(engine), number)).complete

    await until(done)
    assert await unschedule(client, "sweep")
    assert not await unschedule(client, "sweep")


async def test_a_bucket_is_swept_and_verified(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await withdrawn(engine)
    with serving() as address:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": address}.items():
            monkeypatch.setenv(name, value)
        archive = Archive(f"s3://{BUCKET}/kept")
        stale = await Manifests(archive).read("default")
        await sweep(engine, archive)
        assert (await kept(archive, number)).complete
        listed = (await Manifests(archive).read("default")).files.values()
        assert not await Manifests(archive).add("default", stale, tuple(listed), NOW)
        assert (await sweep(engine, archive)).listed == 0
        assert await archive.tenants() == ["default"]
        assert await codes(archive) == []
