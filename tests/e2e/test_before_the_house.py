"""What the code left behind before its packages moved: read as it was, verified, carried on.

The files in `tests/before-the-house` were made by the commit that its README names; they are never
made anew. Time has passed since: clocks have run out and windows have closed, so a case is read as
it was at the last entry it had then, and only what time cannot change is held against the present.
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

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("before")]

KEPT = Path(__file__).parents[1] / "before-the-house"
EXPECTED: dict[str, Any] = json.loads((KEPT / "expected.json").read_text(encoding="utf-8"))
OFFLINE = {
    "restore --check": ("restore", str(KEPT / "backup.tar.gz"), "--check"),
    "audit verify": ("audit", "verify", "--against-archive"),
    "archive verify": ("archive", "verify", "--against-store"),
    "ops conformance": ("ops", "conformance"),
}
DATA = pytest.mark.parametrize("house", ["data"], indirect=True, scope="module")
BACKUP = pytest.mark.parametrize("house", ["backup"], indirect=True, scope="module")
BOTH = pytest.mark.parametrize("house", ["data", "backup"], indirect=True, scope="module")
SHRINKING = {"audit_waiting", "task_roles"}
"""Tables from which rows go when they are sealed, or their task is done."""

RENAMED = {"moving": "changing", "faults": "findings"}
"""Words of commands' answers that have another name now."""

Cases = dict[str, dict[str, Any]]


@dataclass
class House:
    """A system that this code runs in a folder of old: what is there, and what was said of it."""

    system: System
    command_runner: CommandRunner
    was: dict[str, Any]
    http: httpx.Client

    @property
    def cases(self) -> Cases:
        """What each case was, by its number."""
        found: Cases = self.was["cases"]
        return found

    def number(self, name: str) -> str:
        """The number of a case, by what README calls it."""
        return next(number for number, case in self.cases.items() if case["name"] == name)

    def ask(self, who: str, path: str, body: Any = None) -> Any:
        """What the API answers to somebody; with a body, to what they hand in."""
        head = {"Authorization": f"Bearer {self.system.client['keys'].get(who, who)}"}
        method = "GET" if body is None else "POST"
        answer = self.http.request(method, f"/v1{path}", json=body, headers=head)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def say(self, *words: str) -> Any:
        """What a command says that is typed in the folder, and that it is no bad news."""
        return said(self.command_runner, self.system.data_dir, *words, code=0)

    def steps(self, number: str) -> list[str]:
        """What happened to a case by now, by its steps."""
        entries = self.ask("wang.fang", f"/cases/{number}/history?limit=500")["items"]
        return [entry["step"] or entry["type"] for entry in entries]


def said(command_runner: CommandRunner, folder: Path, *words: str, code: int | None = None) -> Any:
    """What a command says to programs."""
    ended = command_runner.run(CommandLine((*words, "--json"), environment(folder)))
    assert ended.stdout, ended.stderr
    assert code in {None, ended.code}, (words, ended)
    return {"exit": ended.code, **ended.document}


def same(
    command_runner: CommandRunner, folder: Path, words: tuple[str, ...], before: dict[str, Any]
) -> None:
    """A command says what it said before."""
    told = said(command_runner, folder, *words)
    assert {name: told.get(RENAMED.get(name, name)) for name in before} == before, words


@pytest.fixture(scope="module")
def command_runner() -> Iterator[CommandRunner]:
    with preloaded_runner() as command_runner:
        yield command_runner


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest,
    command_runner: CommandRunner,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """The folder as `banjie up` left it, or as `banjie restore` makes it; then started."""
    place = tmp_path_factory.mktemp(request.param)
    system = System(place / "data")
    was = EXPECTED[request.param]
    if request.param == "data":
        with tarfile.open(KEPT / "data.tar.xz") as packed:
            packed.extractall(place, filter="data")
    else:
        _restored(command_runner, system.data_dir, was)
    try:
        system.start()
        with httpx.Client(base_url=system.url, timeout=30, trust_env=False) as http:
            yield House(system, command_runner, was, http)
    finally:
        if system.process:
            assert system.stop() == 0


def _restored(command_runner: CommandRunner, folder: Path, was: dict[str, Any]) -> None:
    backup = str(KEPT / "backup.tar.gz")
    said(command_runner, folder, "restore", backup, "--reason", "A test.", code=0)
    assert counts(folder) == was["counts"]
    for name, before in was["said"].items():
        same(command_runner, folder, OFFLINE[name], before)


def counts(folder: Path) -> dict[str, int]:
    """How many rows each table of the store has."""
    with closing(sqlite3.connect(folder / "banjie.db", timeout=30)) as store:
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        counted = {name: f'SELECT count(*) FROM "{name}"' for (name,) in tables}  # noqa: S608
        return {name: store.execute(count).fetchone()[0] for name, count in counted.items()}


@BOTH
def test_every_case_reads_as_it_did(house: House) -> None:
    assert len(house.cases) >= 15
    for number, was in house.cases.items():
        then = house.ask("wang.fang", f"/cases/{number}?seq={was['last_seq']}")
        assert told_of(then) == {name: was[name] for name in told_of(then)}, was["name"]


@BOTH
def test_every_history_begins_as_it_did(house: House) -> None:
    for number, was in house.cases.items():
        found = house.ask("wang.fang", f"/cases/{number}/history?limit={was['last_seq']}")["items"]
        entries = [Entry.model_validate(entry) for entry in found]
        assert (len(entries), entry_hash(entries[-1])) == (was["last_seq"], was["head"])


@BOTH
def test_what_is_not_in_the_history_is_there(house: House) -> None:
    """The customer's record, comments, messages, other cases; and how what is over ended."""
    for number, was in house.cases.items():
        now = house.ask("wang.fang", f"/cases/{number}")
        assert (now["customer"] or {}).get("name") == was["customer"]
        assert [child["number"] for child in now["children"]] == was["children"]
        if was["outcome"]:
            assert (now["case"]["state"], now["case"]["outcome"]) == (was["state"], was["outcome"])
        comments = house.ask("wang.fang", f"/cases/{number}/comments")["items"]
        assert [comment["body"] for comment in comments] == was["comments"]
        notices = house.ask("wang.fang", f"/cases/{number}/notices")["items"]
        sent = [f"{n['seq']}.{n['n']} {n['template']} {n['status']}" for n in notices]
        assert set(was["notices"]) <= set(sent), was["name"]


def told_of(whole: dict[str, Any]) -> dict[str, Any]:
    """What is compared of a case as it was."""
    case, task, hold = whole["case"], whole["task"], whole["hold"]
    same = ("kind", "state", "stage", "outcome", "assignee", "team", "category", "priority")
    return {
        **{name: case[name] for name in (*same, "parent", "last_seq")},
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
def test_what_was_under_way_goes_on(house: House) -> None:
    """A refund that nobody answered, a job that nobody took, a batch that had not begun."""
    unpaid, job = house.number("returns-unpaid"), house.number("repair-dispatched")
    until(lambda: {"refunded", "told"} <= set(house.steps(unpaid)), "paid, and told")
    until(lambda: "job_lapsed" in house.steps(job), "the job is to be given out again")
    batch = house.say("batch", "show", house.was["batch"]["id"], "--wait")
    assert (batch["state"], batch["remaining"]) == ("done", 0)
    assert batch["counts"] == {"done": house.was["batch"]["size"]}


@DATA
def test_an_old_case_is_worked_on(house: House) -> None:
    number = house.number("complaint-classified")
    house.ask("liu.yang", f"/tasks/{house.cases[number]['task']}/claim", {})
    found = {"cause": "service", "reasonable": True, "finding": "保价规则没有说清。"}
    done = house.ask("liu.yang", f"/cases/{number}/steps/investigate", found)
    assert (done["case"]["state"], done["case"]["assignee"]) == ("proposing", "liu.yang")
    assert house.steps(number)[house.cases[number]["last_seq"] :].count("claim") <= 1


@DATA
def test_a_start_that_is_repeated_is_the_same_case(house: House) -> None:
    again = house.was["again"]
    told = house.ask(again["by"], "/cases", again["body"])
    assert told["case"]["number"] == again["number"]


@BACKUP
def test_a_key_that_somebody_holds_is_good_after_a_restore(house: House) -> None:
    """Their hashes came with the backup; the folder's own keys did not, and are new ones."""
    ((who, key),) = EXPECTED["data"]["key_of"].items()
    assert house.ask(key, "/me")["id"] == who


@BOTH
def test_nothing_is_lost_or_bent(house: House) -> None:
    kept = str(KEPT / "audit" / "kept.json")
    against = ("--against-temporal", "--against-archive", "--from-checkpoint", kept)
    audit = house.say("audit", "verify", *against)
    assert audit["verified"]
    assert audit["rows"] >= house.was["said"]["audit verify"]["rows"]
    assert audit["checkpoints"] >= house.was["said"]["audit verify"]["checkpoints"]
    assert house.say("ops", "verify")["findings"] == []
    assert house.say("store", "reconcile", "--dry-run")["differences"] == []
    rows = counts(house.system.data_dir)
    fewer = {table for table, count in house.was["counts"].items() if rows[table] < count}
    assert fewer <= SHRINKING


@BOTH
def test_every_run_is_replayed_to_the_same(house: House) -> None:
    replayed = house.say("replay", "--all")
    assert (replayed["same"], replayed["diverging"]) == (True, [])
    assert replayed["histories"] >= len(house.cases)


def test_the_archive_is_verified_and_replayed(
    command_runner: CommandRunner, tmp_path: Path
) -> None:
    was, archive = EXPECTED["archive"], KEPT / "archive"
    files = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*.gz")}
    digests = {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in files.items()}
    assert digests == was["files"]
    head = was["said"]["archive verify"]["head"]
    verify = ("archive", "verify", "--archive-url", archive.as_uri(), "--head", head)
    same(command_runner, tmp_path, verify, was["said"]["archive verify"])
    same(command_runner, tmp_path, ("replay", "--file", str(archive)), was["said"]["replay --file"])


def test_the_proof_holds(command_runner: CommandRunner, tmp_path: Path) -> None:
    """By the public key alone, and from the checkpoint that was kept; not with a word changed."""
    folder, check = KEPT / "audit", EXPECTED["audit"]["said"]["audit check"]
    by = ("--public-key", str(folder / "audit.pub.pem"))
    since = ("--from-checkpoint", str(folder / "kept.json"))
    same(
        command_runner, tmp_path, ("audit", "check", str(folder / "proof.json"), *by, *since), check
    )
    other = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    other["entries"][1]["entry"]["led_to"] = "elsewhere"
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    told = said(
        command_runner, tmp_path, "audit", "check", str(tmp_path / "other.json"), *by, code=10
    )
    assert [finding["seq"] for finding in told["findings"]] == [2]


def test_the_histories_of_cases_are_replayed_to_the_same(
    command_runner: CommandRunner, tmp_path: Path
) -> None:
    was = EXPECTED["histories"]["said"]["replay --file"]
    same(command_runner, tmp_path, ("replay", "--file", str(KEPT / "histories" / "cases")), was)


async def test_the_histories_of_batches_and_chores_are_replayed(tmp_path: Path) -> None:
    """`banjie replay` is for cases; these are the SDK's to compare."""
    replayer = Replayer(
        workflows=[BatchWorkflow, Maintenance],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(),
        build_id="replay",
    )
    folder = await asyncio.to_thread(shutil.copytree, KEPT / "histories" / "others", tmp_path / "h")
    histories = [
        WorkflowHistory(k.number, unpack_history(k).events) async for k in of_files([Path(folder)])
    ]
    assert len(histories) == 4
    for history in histories:
        assert (await replayer.replay_workflow(history)).replay_failure is None
