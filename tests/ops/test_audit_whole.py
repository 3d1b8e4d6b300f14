"""Verification looks over the whole database: all tenants, all tables, whatever columns hold."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ops.audit.checkpoints_verify import Baseline
from ops.audit.sealer import Diverged
from ops.audit.verify import Report, TenantsVerifier
from store import Store
from store.errors import StoreDamaged
from store.migrations import upgrade
from tests.ops.audited_store import AuditedStore
from tests.store import sample_cases
from tests.support.postgres import Cluster

pytestmark = pytest.mark.xdist_group("audit")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    upgrade(f"sqlite+aiosqlite:///{folder}/banjie.db")
    return folder


@pytest.fixture
async def own(made: Path, tmp_path: Path) -> AsyncIterator[AuditedStore]:
    """Three cases in a database of the test's own."""
    copy = tmp_path / "banjie.db"
    copy.write_bytes((made / "banjie.db").read_bytes())
    url = f"sqlite+aiosqlite:///{copy}"
    store = await Store.open(url)
    audited = AuditedStore(store, url, tmp_path / "outside", "default")
    await audited.fill()
    yield audited
    await store.close()


def tamper_with(audited: AuditedStore, *statements: str, **words: str) -> None:
    """As somebody does it who has the file; `<word>` stands for what it is given."""
    with closing(sqlite3.connect(audited.url.partition(":///")[2])) as connection, connection:
        for statement in statements:
            signed_text = statement
            for word, meant in words.items():
                signed_text = signed_text.replace(f"<{word}>", meant)
            connection.execute(signed_text)


def overwrite(file: Path) -> None:
    """All but the file's first page."""
    raw = file.read_bytes()
    file.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))


async def everybody(
    audited: AuditedStore, tenant: str | None = None, baseline: Baseline | None = None
) -> Report:
    tenants_verifier = TenantsVerifier(audited.verifier(), tenant)
    return await tenants_verifier.verify(baseline or Baseline())


def found(report: Report) -> set[tuple[str, str | None]]:
    return {(finding.code, finding.tenant) for finding in report.findings}


async def test_all_tenants_are_verified(own: AuditedStore) -> None:
    other = AuditedStore(own.store, own.url, own.folder, "south")
    await other.fill(1)
    report = await everybody(own)
    assert (report.findings, report.tenants) == ([], ["default", "south"])
    assert report.entries == 8 * 4
    tamper_with(own, "UPDATE entries SET led_to = 'closed' WHERE tenant = 'south' AND seq = 3")
    assert found(await everybody(own)) == {("entry_edited", "south")}
    assert found(await everybody(own, "default")) == set()


CASE = (
    "CREATE TABLE c AS SELECT * FROM cases LIMIT 1", "UPDATE c SET tenant = 'x', number = 'X1'",
    "CREATE TABLE e AS SELECT * FROM entries WHERE seq = 1 LIMIT 1",
    "UPDATE e SET tenant = 'x', number = 'X1'",
    "INSERT INTO cases SELECT * FROM c", "INSERT INTO entries SELECT * FROM e",
)  # fmt: skip


async def test_a_tenant_that_the_audit_log_does_not_know_is_named(own: AuditedStore) -> None:
    tamper_with(own, *CASE)
    (finding,) = (await everybody(own)).findings
    assert (finding.code, finding.tenant) == ("tenant_unknown", "x")
    assert "'x' in cases, entries" in finding.detail


@pytest.mark.parametrize("value", ["x'ff'", "CAST(x'ff' AS TEXT)", "CAST(x'c328' AS TEXT)", "7"])
@pytest.mark.parametrize("table", ["entries", "cases", "audit"])
async def test_what_is_no_text_is_passed(own: AuditedStore, table: str, value: str) -> None:
    """Whoever can write to the database cannot make verification go on for ever by it."""
    tamper_with(own, f"UPDATE {table} SET tenant = {value} WHERE rowid = 1")  # noqa: S608
    async with asyncio.timeout(60):
        report = await everybody(own)
    assert report.findings


async def test_a_tenant_that_brings_a_audit_log_of_its_own_is_found(own: AuditedStore) -> None:
    row = "INSERT INTO audit SELECT 'x', 1, 'entry', 'X1', 1, hash, NULL FROM audit LIMIT 1"
    tamper_with(own, *CASE, row)
    assert ("audit_log_edited", "x") in found(await everybody(own))


async def test_a_tenant_of_whom_all_was_deleted_is_found(own: AuditedStore) -> None:
    newest = (await own.store.audit_sealer.newest("default")).count
    for name in own_tables(own):
        tamper_with(own, "DELETE FROM <table>", table=name)
    assert ("rolled_back", "default") in found(await everybody(own))
    for file in own.folder.rglob("*.json"):
        file.unlink()
    assert found(await everybody(own)) == set()
    assert found(await everybody(own, baseline=Baseline(rows=newest))) == {
        ("rolled_back", "default")
    }


def own_tables(audited: AuditedStore) -> list[str]:
    with closing(sqlite3.connect(audited.url.partition(":///")[2])) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in rows if name != "alembic_version"]


@pytest.mark.parametrize(
    ("statement", "lack"),
    [
        ("DROP TABLE audit", "the table audit is not there"),
        ("ALTER TABLE entries RENAME TO other", "the table entries is not there"),
        ("ALTER TABLE entries DROP COLUMN form", "the table entries has no column form"),
    ],
)
async def test_a_table_that_is_gone_is_a_finding(
    own: AuditedStore, statement: str, lack: str
) -> None:
    tamper_with(own, statement)
    assert [(f.code, f.detail) for f in (await everybody(own)).findings] == [
        ("table_missing", lack)
    ]


async def test_bytes_that_are_no_text_are_an_edited_entry(own: AuditedStore) -> None:
    tamper_with(own, "UPDATE entries SET led_to = CAST(x'ff' AS TEXT) WHERE seq = 3")
    assert ("entry_edited", "default") in found(await everybody(own))


async def test_a_damaged_file_is_none_that_does_not_answer(own: AuditedStore) -> None:
    await own.store.close()
    overwrite(Path(own.url.partition(":///")[2]))
    with pytest.raises(StoreDamaged):
        await everybody(own)


KEEP = (
    "CREATE TABLE kept AS SELECT rowid AS r, * FROM <table>"
    " WHERE rowid = (SELECT max(rowid) - 1 FROM <table>)"
)
EDIT = 'UPDATE <table> SET "<column>" = <value> WHERE rowid = (SELECT r FROM kept)'
UNDO = (
    'UPDATE <table> SET "<column>" = (SELECT "<column>" FROM kept)'
    " WHERE rowid = (SELECT r FROM kept)"
)
ODD = ("'x'", "x'00ff'", "1.5", "9999999999")
COLUMNS = {
    "entries": (
        "number", "seq", "schema_version", "type", "step", "actor", "at", "due_at", "detected_at",
        "cause", "form", "led_to", "prev",
    ),
    "cases": ("tenant", "number", "last_seq"),
    "audit": ("tenant", "position", "kind", "id", "seq", "hash", "body"),
    "audit_checkpoints": ("tenant", "n", "count", "peaks", "document"),
}  # fmt: skip


@pytest.mark.parametrize("table", COLUMNS)
async def test_whatever_a_column_holds_it_is_found(own: AuditedStore, table: str) -> None:
    """No edit goes unseen, and none ends the verification before it has named what it found."""
    unseen = []
    for column in COLUMNS[table]:
        for value in ODD:
            words = {"table": table, "column": column, "value": value}
            tamper_with(own, KEEP, EDIT, **words)
            if not (await everybody(own)).findings:
                unseen.append((column, value))
            tamper_with(own, UNDO, "DROP TABLE kept", **words)
    assert (await everybody(own)).findings == []
    assert unseen == []


PEAKS = "UPDATE audit_checkpoints SET peaks = '<peaks>' WHERE n = 3"


async def test_peaks_that_do_not_make_the_root_are_found_and_stop_sealing(
    own: AuditedStore,
) -> None:
    peaks = (await own.store.audit_sealer.newest("default")).peaks.split()
    assert len(peaks) > 1
    shifted = [f"{peaks[0]}{peaks[1][:2]}", peaks[1][2:], *peaks[2:]]
    edits = ["", "zz", " ".join(peaks[:-1]), " ".join(reversed(peaks)), " ".join(shifted)]
    await own.record(sample_cases.opened("default"))
    for edit in edits:
        tamper_with(own, PEAKS, peaks=edit)
        (finding,) = (await everybody(own)).findings
        assert (finding.code, "checkpoint 3" in finding.detail) == ("checkpoint_differs", True)
        with pytest.raises(Diverged):
            await own.sealer.seal("default")
    tamper_with(own, PEAKS, peaks=" ".join(peaks))
    assert (await everybody(own)).findings == []
    assert await own.sealer.seal("default")


async def test_on_postgresql_strangers_and_missing_tables_are_found(
    cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.new_database()
    store = await Store.open(url)
    audited = AuditedStore(store, url, tmp_path / "outside", "default")
    await audited.fill(1)
    assert found(await everybody(audited)) == set()
    async with store.recorder._sessions.writing() as connection:
        planted = "INSERT INTO teams (tenant, id, name) VALUES ('x', 'planted', 'planted')"
        await connection.execute(text(planted))
    assert found(await everybody(audited)) == {("tenant_unknown", "x")}
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(text("DROP TABLE audit"))
    assert found(await everybody(audited)) == {("table_missing", None)}
    with pytest.raises(StoreDamaged, match="audit"):
        await store.audit_reader.last("default")
    await store.close()
