"""What the code wrote before its packages moved: today's code reads it, verifies it and goes on.

The files in `tests/compatibility` were made by the commit that its README names and are never made
anew. Time has passed since: clocks have run out and windows have closed, so a case is read as it
was at the last entry it had then, and only what time cannot change is compared with the present.
"""

import asyncio
import hashlib
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.replay.history import unpack_history
from ops.replay.sources import of_files
from temporal.converter import data_converter
from tests.cli.system import System, environment, until
from tests.support.command_runner import CommandLine, CommandRunner, preloaded_runner
from workflows.batch import BatchWorkflow
from workflows.maintenance import Maintenance

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("compatibility")]

FILES = Path(__file__).parents[1] / "compatibility"
EXPECTED: dict[str, Any] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
OFFLINE = {
    "restore --check": ("restore", str(FILES / "backup.tar.gz"), "--check"),
    "audit verify": ("audit", "verify", "--against-archive"),
    "archive verify": ("archive", "verify", "--against-store"),
    "ops conformance": ("ops", "conformance"),
}
DATA = pytest.mark.parametrize("old", ["data"], indirect=True, scope="module")
BACKUP = pytest.mark.parametrize("old", ["backup"], indirect=True, scope="module")
BOTH = pytest.mark.parametrize("old", ["data", "backup"], indirect=True, scope="module")
SHRINKING_TABLES = {"audit_waiting", "task_roles"}
"""Tables from which rows go when they are sealed, or their task is done."""

RENAMED = {"moving": "changing", "faults": "findings"}
"""Words of commands' answers that have another name now."""

Cases = dict[str, dict[str, Any]]


@dataclass
class OldSystem:
    """A system that today's code runs in an old folder, and what was recorded of it then."""

    system: System
    command_runner: CommandRunner
    expected: dict[str, Any]
    http: httpx.Client

    @property
    def cases(self) -> Cases:
        """Return what was recorded of each case, by its number."""
        cases: Cases = self.expected["cases"]
        return cases

    def number(self, name: str) -> str:
        """Return the number of a case, by what README calls it."""
        return next(number for number, case in self.cases.items() if case["name"] == name)

    def call(self, who: str, path: str, body: Any = None) -> Any:
        """Return what the API answers to a GET of somebody, or to their POST if there is a body."""
        head = {"Authorization": f"Bearer {self.system.client['keys'].get(who, who)}"}
        method = "GET" if body is None else "POST"
        answer = self.http.request(method, f"/v1{path}", json=body, headers=head)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def run(self, *words: str) -> Any:
        """Run a command in the folder, expect exit code 0, and return its JSON document."""
        return run_json(self.command_runner, self.system.data_dir, *words, code=0)

    def steps(self, number: str) -> list[str]:
        """Return the steps (or types) of a case's entries by now."""
        entries = self.call("wang.fang", f"/cases/{number}/history?limit=500")["items"]
        return [entry["step"] or entry["type"] for entry in entries]


def run_json(
    command_runner: CommandRunner, folder: Path, *words: str, code: int | None = None
) -> Any:
    """Run a command and return its JSON document and exit code."""
    ended = command_runner.run(CommandLine((*words, "--json"), environment(folder)))
    assert ended.stdout, ended.stderr
    assert code in {None, ended.code}, (words, ended)
    return {"exit": ended.code, **ended.document}


def check_same(
    command_runner: CommandRunner, folder: Path, words: tuple[str, ...], before: dict[str, Any]
) -> None:
    """Check that a command answers what it answered before."""
    document = run_json(command_runner, folder, *words)
    assert {name: document.get(RENAMED.get(name, name)) for name in before} == before, words


@pytest.fixture(scope="module")
def command_runner() -> Iterator[CommandRunner]:
    with preloaded_runner() as command_runner:
        yield command_runner


@pytest.fixture(scope="module")
def old(
    request: pytest.FixtureRequest,
    command_runner: CommandRunner,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OldSystem]:
    """Start the folder as `banjie up` left it, or as `banjie restore` makes it."""
    place = tmp_path_factory.mktemp(request.param)
    system = System(place / "data")
    expected = EXPECTED[request.param]
    if request.param == "data":
        with tarfile.open(FILES / "data.tar.xz") as packed:
            packed.extractall(place, filter="data")
    else:
        _restored(command_runner, system.data_dir, expected)
    try:
        system.start()
        with httpx.Client(base_url=system.url, timeout=30, trust_env=False) as http:
            yield OldSystem(system, command_runner, expected, http)
    finally:
        if system.process:
            assert system.stop() == 0


def _restored(command_runner: CommandRunner, folder: Path, expected: dict[str, Any]) -> None:
    backup = str(FILES / "backup.tar.gz")
    run_json(command_runner, folder, "restore", backup, "--reason", "A test.", code=0)
    rows = counts(folder)
    assert {table: rows[table] for table in expected["counts"]} == expected["counts"]
    for name, before in expected["said"].items():
        check_same(command_runner, folder, OFFLINE[name], before)


def counts(folder: Path) -> dict[str, int]:
    """Return how many rows each table of the store has."""
    with closing(sqlite3.connect(folder / "banjie.db", timeout=30)) as store:
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        counted = {name: f'SELECT count(*) FROM "{name}"' for (name,) in tables}  # noqa: S608
        return {name: store.execute(count).fetchone()[0] for name, count in counted.items()}


@BOTH
def test_every_case_reads_as_it_did(old: OldSystem) -> None:
    assert len(old.cases) >= 15
    for number, before in old.cases.items():
        then = old.call("wang.fang", f"/cases/{number}?seq={before['last_seq']}")
        assert compared(then) == {name: before[name] for name in compared(then)}, before["name"]


@BOTH
def test_every_history_begins_as_it_did(old: OldSystem) -> None:
    for number, before in old.cases.items():
        found = old.call("wang.fang", f"/cases/{number}/history?limit={before['last_seq']}")[
            "items"
        ]
        entries = [Entry.model_validate(entry) for entry in found]
        assert (len(entries), entry_hash(entries[-1])) == (before["last_seq"], before["head"])


@BOTH
def test_what_is_not_in_the_history_is_there(old: OldSystem) -> None:
    """The customer's record, comments, messages, other cases; and how what is over ended."""
    for number, before in old.cases.items():
        now = old.call("wang.fang", f"/cases/{number}")
        assert (now["customer"] or {}).get("name") == before["customer"]
        assert [child["number"] for child in now["children"]] == before["children"]
        if before["outcome"]:
            assert (now["case"]["state"], now["case"]["outcome"]) == (
                before["state"],
                before["outcome"],
            )
        comments = old.call("wang.fang", f"/cases/{number}/comments")["items"]
        assert [comment["body"] for comment in comments] == before["comments"]
        notices = old.call("wang.fang", f"/cases/{number}/notices")["items"]
        sent = [f"{n['seq']}.{n['n']} {n['template']} {n['status']}" for n in notices]
        assert set(before["notices"]) <= set(sent), before["name"]


def compared(whole: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of a case."""
    case, task, hold = whole["case"], whole["task"], whole["hold"]
    fields = ("kind", "state", "stage", "outcome", "assignee", "team", "category", "priority")
    return {
        **{name: case[name] for name in (*fields, "parent", "last_seq")},
        "words": whole["words"],
        "task": task and task["id"],
        "hold": hold and {name: hold[name] for name in ("by", "until", "reason")},
        "clocks": [
            f"{clock['clock']}#{clock['instance']} {clock['state']}"
            + (f" due {clock['due_at']}" if clock["due_at"] else "")
            for clock in whole["clocks"]
        ],
    }


@DATA
def test_what_was_under_way_goes_on(old: OldSystem) -> None:
    """A refund that nobody answered, a job that nobody took, a batch that had not begun."""
    unpaid, job = old.number("returns-unpaid"), old.number("repair-dispatched")
    until(lambda: {"refunded", "told"} <= set(old.steps(unpaid)), "paid, and told")
    until(lambda: "job_lapsed" in old.steps(job), "the job is to be given out again")
    batch = old.run("batch", "show", old.expected["batch"]["id"], "--wait")
    assert (batch["state"], batch["remaining"]) == ("done", 0)
    assert batch["counts"] == {"done": old.expected["batch"]["size"]}


@DATA
def test_an_old_case_is_worked_on(old: OldSystem) -> None:
    number = old.number("complaint-classified")
    old.call("liu.yang", f"/tasks/{old.cases[number]['task']}/claim", {})
    found = {"cause": "service", "reasonable": True, "finding": "保价规则没有说清。"}
    done = old.call("liu.yang", f"/cases/{number}/steps/investigate", found)
    assert (done["case"]["state"], done["case"]["assignee"]) == ("proposing", "liu.yang")
    assert old.steps(number)[old.cases[number]["last_seq"] :].count("claim") <= 1


@DATA
def test_a_start_that_is_repeated_is_the_same_case(old: OldSystem) -> None:
    again = old.expected["again"]
    repeated = old.call(again["by"], "/cases", again["body"])
    assert repeated["case"]["number"] == again["number"]


@BACKUP
def test_a_key_that_somebody_holds_is_good_after_a_restore(old: OldSystem) -> None:
    """Their hashes came with the backup; the folder's own keys did not, and are new ones."""
    ((who, key),) = EXPECTED["data"]["key_of"].items()
    assert old.call(key, "/me")["id"] == who


@BOTH
def test_nothing_is_lost_or_bent(old: OldSystem) -> None:
    kept = str(FILES / "audit" / "kept.json")
    against = ("--against-temporal", "--against-archive", "--from-checkpoint", kept)
    audit = old.run("audit", "verify", *against)
    assert audit["verified"]
    assert audit["rows"] >= old.expected["said"]["audit verify"]["rows"]
    assert audit["checkpoints"] >= old.expected["said"]["audit verify"]["checkpoints"]
    assert old.run("ops", "verify")["findings"] == []
    assert old.run("store", "reconcile", "--dry-run")["differences"] == []
    rows = counts(old.system.data_dir)
    fewer = {table for table, count in old.expected["counts"].items() if rows[table] < count}
    assert fewer <= SHRINKING_TABLES


@BOTH
def test_every_run_is_replayed_to_the_same(old: OldSystem) -> None:
    replayed = old.run("replay", "--all")
    assert (replayed["same"], replayed["diverging"]) == (True, [])
    assert replayed["histories"] >= len(old.cases)


def test_the_archive_is_verified_and_replayed(
    command_runner: CommandRunner, tmp_path: Path
) -> None:
    before, archive = EXPECTED["archive"], FILES / "archive"
    files = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*.gz")}
    digests = {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in files.items()}
    assert digests == before["files"]
    head = before["said"]["archive verify"]["head"]
    verify = ("archive", "verify", "--archive-url", archive.as_uri(), "--head", head)
    check_same(command_runner, tmp_path, verify, before["said"]["archive verify"])
    check_same(
        command_runner,
        tmp_path,
        ("replay", "--file", str(archive)),
        before["said"]["replay --file"],
    )


def test_the_proof_holds(command_runner: CommandRunner, tmp_path: Path) -> None:
    """By the public key alone, and from the checkpoint that was kept; not with a word changed."""
    folder, check = FILES / "audit", EXPECTED["audit"]["said"]["audit check"]
    by = ("--public-key", str(folder / "audit.pub.pem"))
    since = ("--from-checkpoint", str(folder / "kept.json"))
    check_same(
        command_runner, tmp_path, ("audit", "check", str(folder / "proof.json"), *by, *since), check
    )
    other = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    other["entries"][1]["entry"]["led_to"] = "elsewhere"
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    document = run_json(
        command_runner, tmp_path, "audit", "check", str(tmp_path / "other.json"), *by, code=10
    )
    assert [finding["seq"] for finding in document["findings"]] == [2]


def test_the_histories_of_cases_are_replayed_to_the_same(
    command_runner: CommandRunner, tmp_path: Path
) -> None:
    before = EXPECTED["histories"]["said"]["replay --file"]
    check_same(
        command_runner, tmp_path, ("replay", "--file", str(FILES / "histories" / "cases")), before
    )


async def test_the_histories_of_batches_and_chores_are_replayed(tmp_path: Path) -> None:
    """`banjie replay` is for cases; these are the SDK's to compare."""
    replayer = Replayer(
        workflows=[BatchWorkflow, Maintenance],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        build_id="replay",
    )
    folder = await asyncio.to_thread(
        shutil.copytree, FILES / "histories" / "others", tmp_path / "h"
    )
    histories = [
        WorkflowHistory(k.number, unpack_history(k).events) async for k in of_files([Path(folder)])
    ]
    assert len(histories) == 4
    for history in histories:
        assert (await replayer.replay_workflow(history)).replay_failure is None
