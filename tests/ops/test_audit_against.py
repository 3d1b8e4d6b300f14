"""The database is held against Temporal's histories, and the archive against the audit log."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest

from domain.engine.chain import link
from ops.audit import temporal_compare
from ops.audit.archive_compare import ArchiveComparison
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.sealer import Sealer
from ops.audit.temporal_compare import TemporalComparison
from ops.audit.verify import Verifier
from ops.findings import Finding
from store.archive import Archive, Bundle
from temporal.case_client import CaseClient
from temporal.converter import data_converter
from temporal.histories import pack
from tests.ops.audited_store import KEY
from tests.support.cases import WHOLE_COMPLAINT, new_number, opening, request
from tests.support.engine import Engine, running
from tests.support.temporal import forget_run
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("oracle")


@dataclass(frozen=True)
class System:
    """An engine, its archive, and its audit log."""

    engine: Engine
    archive: Archive
    folder: Path

    @property
    def database(self) -> Path:
        """The file of the store."""
        return Path(self.engine.url.partition(":///")[2])

    @property
    def checkpoints(self) -> str:
        """Where the checkpoints go."""
        return (self.database.parent / "checkpoints").as_uri()

    @property
    def histories(self) -> TemporalComparison:
        return TemporalComparison(self.engine.client, self.engine.store, self.archive)

    async def case(self, upto: int = 2) -> str:
        """A complaint taken through its first requests, and recorded."""
        case_client, number = CaseClient(self.engine.client), new_number()
        await case_client.start(opening(number))
        for index, commands in enumerate(WHOLE_COMPLAINT[:upto]):
            await case_client.submit(number, request(f"{number}-{index}", *commands))

        async def recorded() -> bool:
            return await self.histories.compare_case(number) is None

        await until(recorded)
        return number

    def tamper_with(self, statement: str, number: str) -> None:
        """Change the database directly."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            assert connection.execute(statement, {"n": number}).rowcount

    async def archived(self, number: str) -> Bundle:
        """The case as it would be archived if it ended now."""
        store, client = self.engine.store, self.engine.client
        row = await store.cases.get("default", number)
        entries = await store.entries.of("default", number)
        assert row is not None
        history = await client.get_workflow_handle(number).fetch_history()
        bundle = Bundle(
            tenant="default", number=number, kind=row.kind, process_version=row.process_version,
            policy_version=row.policy_version, run=history.run_id, code="test",
            archived_at=row.since, complete=False, case=row, entries=tuple(entries),
            began=history.events[0].event_time.ToDatetime(UTC), events=len(history.events),
            history=pack(history),
        )  # fmt: skip
        await self.archive.write(bundle)
        return bundle

    async def in_the_archive(self) -> list[Finding | None]:
        """What is wrong with each file of the archive."""
        archives = ArchiveComparison(self.archive, self.engine.store, data_converter())
        return [finding async for _, finding in archives.compare()]


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("against")) as engine:
        yield engine


@pytest.fixture
def system(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(temporal_compare, "ATTEMPTS", 2)
    return System(engine, Archive((tmp_path / "archive").as_uri()), tmp_path)


ADD = (
    "INSERT INTO entries SELECT tenant, number, 5, schema_version, type, step, actor, at, due_at,"
    " detected_at, cause, form, led_to, prev FROM entries WHERE number = :n AND seq = 4"
)
TAMPERED = {
    "edited": ("UPDATE entries SET led_to = 'closed' WHERE number = :n AND seq = 3", 3),
    "the newest edited": (
        "UPDATE entries SET form = '{}', step = 'x' WHERE number = :n AND seq = 4",
        4,
    ),
    "the last deleted": ("DELETE FROM entries WHERE number = :n AND seq = 4", 4),
    "one added": (ADD, 5),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_the_workflow_did_not_record_is_found(system: System, what: str) -> None:
    number = await system.case()
    statement, seq = TAMPERED[what]
    system.tamper_with(statement, number)
    finding = await system.histories.compare_case(number)
    assert finding is not None
    assert (finding.code, finding.number, finding.seq) == ("history_differs", number, seq)


async def test_a_case_deleted_with_all_its_traces_is_found(system: System) -> None:
    number = await system.case(1)
    for table in ("task_roles", "tasks", "clocks", "case_words", "outbox", "entries", "cases"):
        gone = "DELETE FROM <table> WHERE number = :n".replace("<table>", table)
        system.tamper_with(gone, number)
    system.tamper_with("DELETE FROM audit_waiting WHERE id = :n", number)
    findings = {number: finding async for number, finding in system.histories.compare() if finding}
    assert findings[number] == Finding(
        "case_missing", "Temporal has it, the database does not", number
    )


async def test_once_temporal_forgot_the_archive_tells(system: System) -> None:
    number, lost = await system.case(2), await system.case(1)
    await system.archived(number)
    for each in (number, lost):
        await forget_run(system.engine.client, each)
    assert await system.histories.compare_case(number) is None
    system.tamper_with("DELETE FROM entries WHERE number = :n AND seq = 4", number)
    finding = await system.histories.compare_case(number)
    assert finding is not None
    assert (finding.code, finding.seq) == ("history_differs", 4)
    forgotten = await system.histories.compare_case(lost)
    assert forgotten is not None
    assert forgotten.code == "no_history"


async def test_an_archived_run_is_what_the_audit_log_says(system: System) -> None:
    await system.archived(await system.case(1))
    assert await system.in_the_archive() == [None]
    await Sealer(system.engine.store, CheckpointStore(system.checkpoints), KEY).seal("default")
    assert await system.in_the_archive() == [None]


async def test_a_changed_file_of_the_archive_is_found(system: System) -> None:
    await system.archived(await system.case(1))
    file = next((system.folder / "archive").rglob("*.gz"))
    file.write_bytes(file.read_bytes()[:-20] + bytes(20))
    findings = await system.in_the_archive()
    assert [finding.code for finding in findings if finding] == ["archive_damaged"]


REWRITTEN = ("an entry", "an entry and the chain", "only the history")


@pytest.mark.parametrize("what", REWRITTEN)
async def test_a_rewritten_archive_with_a_fresh_hash_is_found(system: System, what: str) -> None:
    bundle = await system.archived(await system.case())
    entries, seq = list(bundle.entries), 3
    if what == "only the history":
        other = await system.archived(await system.case(1))
        told = {"history": other.history, "events": other.events}
        await system.archive.write(bundle.model_copy(update=told))
        seq = 1
    else:
        entries[2] = entries[2].model_copy(update={"led_to": "closed"})
        if what == "an entry and the chain":
            for at in range(3, len(entries)):
                entries[at] = link(entries[at], entries[at - 1], "default", bundle.number)
        else:
            seq = 4
        await system.archive.write(bundle.model_copy(update={"entries": tuple(entries)}))
    findings = [finding for finding in await system.in_the_archive() if finding]
    assert [(f.code, f.number, f.seq) for f in findings] == [
        ("archive_differs", bundle.number, seq)
    ]


async def test_a_system_that_moves_on_is_verified_without_a_false_alarm(system: System) -> None:
    store, case_client = system.engine.store, CaseClient(system.engine.client)
    sealer = Sealer(store, CheckpointStore(system.checkpoints), KEY)
    numbers = [new_number() for _ in range(3)]

    async def live(number: str) -> None:
        await case_client.start(opening(number))
        for index, commands in enumerate(WHOLE_COMPLAINT[:3]):
            await case_client.submit(number, request(f"{number}-{index}", *commands))
            await sealer.seal("default")

    verifier = Verifier(store, sealer.checkpoint_store, KEY.public)
    living = [asyncio.create_task(live(number)) for number in numbers]
    looked = 0
    while looked == 0 or not all(each.done() for each in living):
        report = await verifier.verify()
        looked += 1
        assert {f for f in report.findings if f.number in numbers or not f.number} == set()
    await asyncio.gather(*living)
    for number in numbers:
        assert await system.histories.compare_case(number) is None
