"""`banjie up`: it comes up, keeps what it was given, and leaves nothing behind."""

import json
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.cli.system import System, alive, run, states, until


def test_it_is_ready_within_fifteen_seconds(system: System) -> None:
    """On a machine that has nothing else to do; on one that has, in proportion."""
    assert system.ready_after < 15 * system.load


def test_it_says_where_everything_is(system: System) -> None:
    for text in (system.url, f"{system.url}/openapi.json", str(system.data_dir), "liu.yang"):
        assert text in system.output
    assert not any(key in system.output for key in system.client["keys"].values())


def test_it_ends_by_saying_where_to_sign_in_and_as_whom(system: System) -> None:
    _, ready, after = system.output.partition("Banjie is ready")
    told = after.partition("banjie up:")[0]
    assert ready
    assert told.rstrip().endswith(f"Open the pages at  {system.url}/")
    assert f"all with the password  {system.client['sample_password']}" in told
    assert re.search(r"^ +liu\.yang +刘洋 +agent$", told, flags=re.MULTILINE)
    assert re.search(rf"^ +{system.url}/sign-in/link#[\w-]{{43}}$", told, flags=re.MULTILINE)


def test_an_administrator_invites_by_a_link(system: System) -> None:
    made = system.ask("staff", "invite", "he.jing")
    assert made["link"] == f"{system.url}{made['path']}"
    outcome = system.run("staff", "invite", "he.jing")
    link, shown = outcome.stdout.splitlines()[:2]
    assert link.startswith(f"{system.url}/sign-in/link#")
    assert link != made["link"]
    assert "give it to he.jing alone" in shown
    assert link.rpartition("#")[2] not in str(system.ask("audit", "log"))


def test_the_line_that_it_says_to_try_works_as_it_is_typed(system: System) -> None:
    """From the folder where it was started, in a shell that knows nothing of the environment."""
    (line,) = re.findall(r"^ +Try, .*:  (.+)$", system.output, flags=re.MULTILINE)[-1:]
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(system.data_dir), "LC_ALL": "C.UTF-8"}
    tried = subprocess.run(
        ["bash", "-c", line], env=bare, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "complaint" in tried.stdout


def test_the_samples_are_in_different_stages(system: System) -> None:
    cases = system.ask("case", "list", "--all")["items"]
    samples = [case for case in cases if str(case["external_ref"]).startswith("sample-")]
    assert {case["stage"] for case in samples} >= {
        "accept",
        "assign",
        "resolve",
        "follow_up",
        "close",
    }
    assert {case["kind"] for case in samples} == {"complaint", "inquiry", "returns"}
    assert {case["outcome"] for case in samples} >= {None, "solved", "thanked", "withdrawn"}


def test_the_keys_are_for_the_owner_alone(system: System) -> None:
    for name in ("client.json", "secret", "up.lock"):
        assert (system.data_dir / name).stat().st_mode & 0o077 == 0
    assert system.data_dir.stat().st_mode & 0o077 == 0


def test_it_keeps_everything_when_it_is_stopped_and_started_again(
    system: System, tmp_path: Path
) -> None:
    before, keys = states(system), system.client["keys"]
    system.stop_cleanly(signal.SIGTERM)
    # While the system is down, since two systems at once are too much for two cores.
    an_early_signal_stops_it(System(tmp_path / "early" / "data"))
    without_samples_there_is_an_administrator_and_nothing_else(System(tmp_path / "bare" / "data"))
    system.start()
    assert states(system) == before
    assert system.client["keys"] == keys


def an_early_signal_stops_it(early: System) -> None:
    early.data_dir.parent.mkdir()
    early.launch()
    pids = early.data_dir / "pids.json"
    until(pids.exists, "its first process")
    children = early.children()
    assert early.stop() == 0
    assert not [pid for pid in children if alive(pid)]
    assert not pids.exists()


def without_samples_there_is_an_administrator_and_nothing_else(bare: System) -> None:
    bare.data_dir.parent.mkdir()
    try:
        bare.start("--no-sample")
        assert [person["id"] for person in bare.ask("staff", "list")["items"]] == ["admin"]
        assert bare.ask("case", "list")["items"] == []
        a_second_signal_waits_for_nobody(bare)
    finally:
        if bare.process:
            bare.stop()


def a_second_signal_waits_for_nobody(system: System) -> None:
    before = system.output.count("Stopping")
    psutil.Process(pid_of(system, "worker")).suspend()
    assert system.process is not None
    system.process.send_signal(signal.SIGINT)
    until(lambda: system.output.count("Stopping") > before, "it says that it stops")
    began = time.monotonic()
    assert system.stop() == 0
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("which", ["temporal", "worker", "api"])
def test_a_process_that_dies_is_started_again(system: System, which: str) -> None:
    before, deaths = set(system.children()), system.output.count(f"{which} was ended by SIGKILL")
    psutil.Process(pid_of(system, which)).kill()
    until(lambda: len(set(system.children()) - before) == 1, f"another {which}")
    until(system.is_ready, "ready again")
    assert system.output.count(f"{which} was ended by SIGKILL") == deaths + 1
    started = system.ask(
        "case", "start", "--kind", "inquiry", "--words", "在吗？", "--channel", "chat"
    )
    assert started.get("case") or started["number"]


def test_a_second_one_in_the_same_folder_is_refused(system: System) -> None:
    second = System(system.data_dir)
    outcome = second.run("up", *second.options)
    assert outcome.returncode == 5
    assert f"Banjie runs in {system.data_dir} already" in outcome.stderr
    assert system.is_ready()


@pytest.mark.parametrize(
    ("place", "user", "option"),
    [(0, "the API", "--port"), (1, "Temporal", "--temporal-port"), (2, "UI", "--ui-port")],
)
def test_a_taken_port_is_named_before_anything_starts(
    tmp_path: Path, place: int, user: str, option: str
) -> None:
    other = System(tmp_path / "data")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other.ports[place] = taken.getsockname()[1]
        outcome = other.run("up", *other.options)
    assert outcome.returncode == 5
    assert f"Port {other.ports[place]} is taken" in outcome.stderr
    assert user in outcome.stderr
    assert f"another with {option}." in outcome.stderr
    assert not (other.data_dir / "temporal.db").exists()


def test_one_port_for_two_is_wrong_usage(tmp_path: Path) -> None:
    outcome = run(tmp_path, "up", "--port", "7233")
    assert outcome.returncode == 2
    assert "--port or --temporal-port" in outcome.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = run(tmp_path, "up", "--data-dir", str(tmp_path / "file" / "data"))
    assert outcome.returncode == 1
    assert "--data-dir" in outcome.stderr


def pid_of(system: System, which: str) -> int:
    pids = json.loads((system.data_dir / "pids.json").read_text(encoding="utf-8"))
    return next(int(child["pid"]) for child in pids if child["name"] == which)
