"""The audit log that the benchmark verifies is a real one: it holds, and one edit breaks it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.audit_log import TENANT, fill_and_seal
from bench.verify import Verified
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.verify import Verifier
from store import Store


async def test_the_audit_log_that_is_measured_verifies(tmp_path: Path) -> None:
    url, checkpoints = f"sqlite+aiosqlite:///{tmp_path}/banjie.db", (tmp_path / "out").as_uri()
    signer, entries = await fill_and_seal(url, checkpoints, 1200)
    assert 1200 <= entries < 1300
    store = await Store.open(url)
    verifier = Verifier(store, CheckpointStore(checkpoints), signer.public, TENANT, patience=0)
    report = await verifier.verify()
    assert (report.findings, report.entries, report.rows) == ([], entries, entries)
    assert (report.unsealed, report.checkpoints) == (0, 2)
    with closing(sqlite3.connect(tmp_path / "banjie.db")) as connection, connection:
        connection.execute("UPDATE entries SET led_to = 'x' WHERE rowid = 600")
    assert [finding.code for finding in (await verifier.verify()).findings] == ["entry_edited"]
    await store.close()


def test_a_rate_is_by_the_median() -> None:
    found = Verified(300_000, [5.0, 30.0, 6.0], [7.0, 6.0, 6.6])
    assert found.row("SQLite") == "| SQLite | 300,000 | 5.0, 30.0, 6.0 | 50,000 | 22.0 |"
