"""`banjie audit` on a system that runs: verified, proved, checked elsewhere, and tampered with."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.cli.system import System


@pytest.fixture(scope="module")
def sealed(system: System) -> str:
    """A sample case that is sealed; its number."""
    system.ask("audit", "checkpoint")
    with closing(sqlite3.connect(system.data_dir / "banjie.db", timeout=30)) as connection:
        closed = "SELECT number FROM cases WHERE closed_at IS NOT NULL"
        return str(connection.execute(closed).fetchone()[0])


@contextmanager
def tampered(system: System, number: str) -> Iterator[None]:
    """An entry says something else, for as long as this lasts."""
    read = "SELECT led_to FROM entries WHERE number = ? AND seq = 2"
    change = "UPDATE entries SET led_to = ? WHERE number = ? AND seq = 2"
    with closing(sqlite3.connect(system.data_dir / "banjie.db", timeout=30)) as connection:
        (was,) = connection.execute(read, (number,)).fetchone()
        with connection:
            connection.execute(change, ("elsewhere", number))
        try:
            yield
        finally:
            with connection:
                connection.execute(change, (was, number))


def checked(*words: str, where: Path) -> Result:
    """`banjie audit` on a machine with nothing but this folder."""
    runner = CliRunner(env={"BANJIE_DATA_DIR": str(where), "NO_COLOR": "1"})
    return runner.invoke(app, ["audit", *words])


def test_a_system_that_runs_is_verified(system: System, sealed: str) -> None:
    against = ("--against-temporal", "--against-archive", "--at-least", "10")
    document = system.ask("audit", "verify", *against)
    assert (document["verified"], document["findings"]) == (True, [])
    assert document["entries"] > 0
    assert document["rows"] > 0
    assert document["checkpoints"] > 0
    assert document["compared"]["histories"] > 0
    with tampered(system, sealed):
        faults = system.ask("audit", "verify", code=10)["findings"]
    assert [(f["code"], f["number"], f["seq"]) for f in faults] == [("entry_edited", sealed, 2)]
    outcome = system.run("audit", "verify")
    assert outcome.returncode == 0
    assert "All is as it was recorded" in outcome.stdout


def test_a_proof_is_checked_with_the_public_key_alone(
    system: System, sealed: str, tmp_path: Path
) -> None:
    first = min((system.data_dir / "checkpoints" / "default").iterdir())
    kept = str(shutil.copy(first, tmp_path / "kept.json"))
    key = ("--public-key", str(shutil.copy(system.data_dir / "audit.pub.pem", tmp_path)))
    proof = tmp_path / "proof.json"
    made = system.ask(
        "audit", "prove", sealed, "--out", str(proof), "--with-entries", "--since", kept
    )
    assert (made["number"], made["unsealed"]) == (sealed, [])
    outcome = checked("check", str(proof), *key, "--from-checkpoint", kept, where=tmp_path / "none")
    assert (outcome.exit_code, "The proof holds" in outcome.stdout) == (0, True)
    document: dict[str, Any] = json.loads(proof.read_text())
    # Who leaves out the last ones claims less; what a proof does not show is said each time.
    shorter = tmp_path / "shorter.json"
    shorter.write_text(json.dumps({**document, "entries": document["entries"][:-1]}))
    outcome = checked("check", str(shorter), *key, where=tmp_path / "none")
    count = len(document["entries"]) - 1
    assert f"from 1 to {count}; whether others came after" in " ".join(outcome.stdout.split())
    document["entries"][1]["entry"]["led_to"] = "elsewhere"
    proof.write_text(json.dumps(document))
    failed = checked("check", str(proof), *key, "--json", where=tmp_path / "none")
    assert failed.exit_code == 10
    assert [f["seq"] for f in json.loads(failed.stdout)["findings"]] == [2]


def test_acts_are_shown(system: System) -> None:
    id = system.ask("key", "add", "--system", "kiosk", "--reason", "The kiosk opens.")["id"]
    system.ask("key", "revoke", id, "--reason", "It closed.")
    acts = system.ask("audit", "log", "--what", "key", "--limit", "2")["items"]
    assert [(a["what"], a["subject"], a["reason"]) for a in acts] == [
        ("key.revoked", id, "It closed."),
        ("key.added", id, "The kiosk opens."),
    ]
    assert {(a["actor"]["kind"], a["actor"]["id"]) for a in acts} == {("staff", "admin")}


def test_acts_of_an_unknown_kind_are_no_good_news(system: System) -> None:
    outcome = system.run("audit", "log", "--what", "nothing")
    assert (outcome.returncode, "customer.viewed" in outcome.stderr) == (2, True)
    (policy,) = system.ask("audit", "log", "--what", "policy")["items"]
    assert (policy["what"], policy["actor"]["id"]) == ("policy.set", "api")


def test_a_damaged_case_is_not_proved(system: System, sealed: str) -> None:
    with tampered(system, sealed):
        outcome = system.run("audit", "prove", sealed)
    assert (outcome.returncode, f"Entry 2 of {sealed}" in outcome.stderr) == (10, True)


@pytest.fixture
def copy(system: System, tmp_path: Path) -> Path:
    """A copy of the database, since the system runs on."""
    copy = tmp_path / "banjie.db"
    with closing(sqlite3.connect(system.data_dir / "banjie.db")) as connection, connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    return copy


def test_an_act_that_was_spoilt_is_not_hidden(system: System, copy: Path) -> None:
    own = ("--database-url", f"sqlite+aiosqlite:///{copy}")
    assert system.ask("audit", "log", *own)["left_out"] == []
    with closing(sqlite3.connect(copy)) as connection, connection:
        first = "SELECT min(id) FROM audit WHERE kind = 'act'"
        (spoilt,) = connection.execute(first).fetchone()
        connection.execute("UPDATE audit SET body = '{' WHERE id = ?", (spoilt,))
    assert system.ask("audit", "log", *own)["left_out"] == [spoilt]
    outcome = system.run("audit", "log", "--what", "key", *own)
    assert (outcome.returncode, "cannot be read: 1." in outcome.stderr) == (0, True)


def test_a_table_that_is_gone_is_found_and_not_down(
    system: System, sealed: str, copy: Path
) -> None:
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DROP TABLE audit")
    own = ("--database-url", f"sqlite+aiosqlite:///{copy}")
    places = ("--checkpoints-url", (system.data_dir / "checkpoints").as_uri())
    (fault,) = system.ask("audit", "verify", *own, *places, code=10)["findings"]
    assert (fault["code"], fault["detail"]) == ("table_missing", "the table audit is not there")
    outcome = system.run("audit", "prove", sealed, *own)
    assert (outcome.returncode, "no table audit" in outcome.stderr) == (10, True)
    archive = ("--archive-url", (system.data_dir / "archive").as_uri())
    outcome = system.run("archive", "verify", "--against-store", *own, *archive)
    assert (outcome.returncode, "no table audit" in outcome.stderr) == (10, True)
    outcome = system.run("audit", "log", *own)
    assert (outcome.returncode, "restore a backup" in outcome.stderr) == (1, True)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DROP TABLE entries")
    outcome = system.run("ops", "conformance", *own)
    assert (outcome.returncode, "no table entries" in outcome.stderr) == (10, True)


def test_what_cannot_be_proved_is_told(system: System, sealed: str, tmp_path: Path) -> None:
    assert system.run("audit", "prove", "TS202603029999999").returncode == 3
    unwritable = system.run("audit", "prove", sealed, "--out", str(tmp_path / "no" / "proof.json"))
    assert unwritable.returncode == 1
    assert "cannot be written" in unwritable.stderr
    down = f"sqlite+aiosqlite:///{tmp_path}/none/banjie.db"
    assert system.run("audit", "verify", "--database-url", down).returncode == 5


def test_what_cannot_be_checked_is_told(tmp_path: Path) -> None:
    proof, nothing = tmp_path / "proof.json", str(tmp_path / "nothing")
    proof.write_text("{}")
    assert checked("check", str(proof), where=tmp_path).exit_code == 2
    assert checked("keygen", str(tmp_path / "audit.pem"), where=tmp_path).exit_code == 0
    assert checked("check", str(proof), where=tmp_path).exit_code == 10
    assert checked("check", nothing, where=tmp_path).exit_code == 3
    assert checked("check", str(proof), "--public-key", nothing, where=tmp_path).exit_code == 3
    outcome = checked("check", str(proof), "--from-checkpoint", str(proof), where=tmp_path)
    assert outcome.exit_code == 10


def test_a_key_is_made_and_never_written_over(tmp_path: Path) -> None:
    key = tmp_path / "audit.pem"
    made = json.loads(checked("keygen", str(key), "--json", where=tmp_path).stdout)
    assert Path(made["public"]).read_text().startswith("-----BEGIN PUBLIC KEY-----")
    before = key.read_bytes()
    assert checked("keygen", str(key), where=tmp_path).exit_code == 4
    half = tmp_path / "half.pem"
    half.with_suffix(".pub.pem").mkdir()
    assert checked("keygen", str(half), where=tmp_path).exit_code == 1
    assert not half.exists(), "half a pair was left behind"
    assert key.read_bytes() == before
    assert checked("keygen", str(tmp_path / "no" / "key.pem"), where=tmp_path).exit_code == 1


def test_the_key_of_a_system_is_for_its_owner_alone(system: System) -> None:
    assert (system.data_dir / "audit.pem").stat().st_mode & 0o777 == 0o600
