"""`banjie backup` and `banjie restore`, typed: while it runs, documents, refusals, exit codes."""

import json
from pathlib import Path

from tests.cli.system import System, run


def test_a_running_system_is_backed_up_and_put_elsewhere(system: System, tmp_path: Path) -> None:
    out, new = tmp_path / "b.tar.gz", tmp_path / "new"
    outcome = system.run("backup", "--out", str(out), "--json")
    assert outcome.returncode == 0, outcome.stderr
    document = json.loads(outcome.stdout)
    assert document["bytes"] == out.stat().st_size
    assert document["keys"] is False
    assert document["locked_seconds"] < 10
    assert "Copying temporal.db." in outcome.stderr
    assert system.is_ready()

    checked = run(new, "restore", str(out), "--check", "--json")
    assert (checked.returncode, new.exists()) == (0, False)
    back = run(new, "restore", str(out), "--reason", "The disk died.", "--json")
    assert back.returncode == 0, back.stderr
    (act,) = json.loads(run(new, "audit", "log", "--what", "system", "--json").stdout)["items"]
    assert (act["what"], act["reason"]) == ("system.restored", "The disk died.")
    assert act["actor"]["id"].startswith("account:")
    assert json.loads(back.stdout)["files"] == document["files"]
    assert (new / "banjie.db").is_file()
    client = json.loads((new / "client.json").read_text(encoding="utf-8"))
    assert (client["keys"], client["sampled"]) == ({}, True)

    # Nothing of it leads to the system that it was taken from, which still runs.
    assert (client["url"], client["temporal"]) == ("", "")
    for words in (("case", "list", "--key", "bj_x_y"), ("ops", "verify"), ("store", "reconcile")):
        asked = run(new, *words)
        assert asked.returncode == 2
        assert f"banjie up --data-dir {new}" in asked.stderr
    found = json.loads(run(new, "ops", "doctor", "--json").stdout)["findings"]
    assert "not started since" in next(e["message"] for e in found if e["check"] == "temporal")
    assert "api" not in {each["check"] for each in found}


def test_what_cannot_be_done_has_its_exit_code(system: System, tmp_path: Path) -> None:
    out = tmp_path / "b.tar.gz"
    assert system.run("backup", "--out", str(out), "--with-keys").returncode == 0
    asked = {
        2: system.run("backup", "--out", str(tmp_path / "b.zip")),
        3: run(tmp_path / "none", "backup", "--out", str(tmp_path / "c.tar.gz")),
        4: system.run("restore", str(out)),
        5: system.run("restore", str(out), "--force"),
    }
    (tmp_path / "bad.tar.gz").write_bytes(out.read_bytes()[:-100])
    asked[10] = run(tmp_path / "new", "restore", str(tmp_path / "bad.tar.gz"))
    assert {code: done.returncode for code, done in asked.items()} == {code: code for code in asked}
    for done in asked.values():
        assert done.stderr.startswith("banjie: ") or "\nbanjie: " in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()
    assert system.is_ready()
