"""`banjie export` and `banjie ops conformance`, typed at a store: files, documents, exit codes."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.core.exits import WrongUsage
from cli.core.names import refuse_unknown_kind
from tests.cli.system import Outcome, run
from tests.ops.exports import recorded_store
from tests.ops.recorded_stories import SAID, Recorded
from tests.support.corrupted_rows import corrupted_rows

pytestmark = pytest.mark.xdist_group("export-cli")


@dataclass(frozen=True)
class StoreCommands:
    """Commands that work on a store of recorded cases, and a folder to write to."""

    recorded: Recorded
    folder: Path

    def run(self, *words: str, url: str = "") -> Outcome:
        own = f"sqlite+aiosqlite:///{self.recorded.file}"
        return run(self.folder, *words, BANJIE_DATABASE_URL=url or own)

    def ask(self, *words: str, code: int = 0) -> Any:
        outcome = self.run(*words, "--json")
        assert outcome.returncode == code, outcome.stderr
        return json.loads(outcome.stdout)


@pytest.fixture(scope="module")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StoreCommands]:
    folder = tmp_path_factory.mktemp("export")
    async with recorded_store(folder) as recorded:
        yield StoreCommands(recorded, folder)


def test_a_file_and_what_is_in_it(commands: StoreCommands) -> None:
    file = commands.folder / "log.sqlite"
    document = commands.ask("export", "ocel", str(file), "--kind", "repair")
    repairs = [case for case in commands.recorded.cases if case.opening.kind == "repair"]
    assert document["cases"] == document["objects"]["case"] == len(repairs)
    assert document["events"] == sum(len(case.entries) for case in repairs)
    with closing(sqlite3.connect(file)) as database:
        (events,) = database.execute("SELECT count(*) FROM event").fetchone()
    assert events == document["events"]


@pytest.mark.parametrize("form", ["ocel", "xes", "csv"])
def test_a_spoilt_case_is_left_out_and_named(commands: StoreCommands, form: str) -> None:
    file, number = commands.folder / "spoilt.json", commands.recorded.cases[0].opening.number
    with corrupted_rows(commands.recorded.file, number, "cases", "since = 'soon'"):
        document = commands.ask("export", form, str(file), code=1)
        piped = commands.run("export", form, "-")
    assert [each["number"] for each in document["left_out"]] == [number]
    assert document["cases"] == len(commands.recorded.cases) - 1
    assert file.exists()
    assert piped.returncode == 1
    assert f"{number} is left out: A row of {number} in the table cases" in piped.stderr


def test_so_is_a_case_that_conformance_cannot_read(commands: StoreCommands) -> None:
    number = commands.recorded.cases[0].opening.number
    with corrupted_rows(commands.recorded.file, number, "entries", "form = '{'", "seq = 1"):
        document = commands.ask("ops", "conformance", code=10)
    assert document["cases"] == len(commands.recorded.cases)
    assert [(each["code"], each["number"]) for each in document["findings"]] == [
        ("unreadable", number)
    ]


def test_standard_output_is_the_file_and_nothing_else(commands: StoreCommands) -> None:
    outcome = commands.run("export", "ocel", "-", "--since", "2026-03-05", "--closed")
    assert outcome.returncode == 0, outcome.stderr
    document = json.loads(outcome.stdout)
    cases = [each for each in document["objects"] if each["type"] == "case"]
    assert 0 < len(cases) < len(commands.recorded.cases)
    assert f"{len(cases)} cases" in outcome.stderr


async def test_words_need_a_reason_which_is_kept(commands: StoreCommands) -> None:
    file = commands.folder / "words.csv"
    refused = commands.run("export", "csv", str(file), "--with-texts")
    assert (refused.returncode, file.exists()) == (2, False)
    outcome = commands.run("export", "csv", str(file), "--with-texts", "--reason", "wording review")
    assert outcome.returncode == 0, outcome.stderr
    assert SAID[0] in file.read_text(encoding="utf-8")
    (act,) = await commands.recorded.store.audit_log.events("default", 1, "histories.exported")
    assert act.reason == "wording review"
    assert act.actor.id.startswith("account:")


def test_a_store_that_is_not_there_leaves_no_file(commands: StoreCommands) -> None:
    file = commands.folder / "none.xes"
    outcome = commands.run("export", "xes", str(file), url="postgresql+asyncpg://x:y@127.0.0.1:1/z")
    assert outcome.returncode == 5
    assert "does not answer" in outcome.stderr
    assert not list(commands.folder.glob("*none*"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ocel", "log.txt"), 2),
        (("pnml", "no/such/net.pnml"), 1),
    ],
)
def test_what_cannot_be_done_is_said(
    commands: StoreCommands, words: tuple[str, ...], code: int
) -> None:
    document = commands.ask(
        "export", words[0], str(commands.folder / words[1]), *words[2:], code=code
    )
    assert document["error"]["exit"] == code
    assert not (commands.folder / words[1]).exists()


def test_a_kind_that_there_is_not_is_refused() -> None:
    refuse_unknown_kind(None)
    refuse_unknown_kind("repair")
    with pytest.raises(WrongUsage, match="complaint"):
        refuse_unknown_kind("wedding")


def test_nets_need_no_store(commands: StoreCommands) -> None:
    file = commands.folder / "nets.pnml"
    document = commands.ask("export", "pnml", str(file), "--kind", "repair", "--strict")
    assert document == {"file": str(file), "nets": ["repair-v3"]}
    assert "finalmarkings" not in file.read_text(encoding="utf-8")


def test_conformance_says_what_is_wrong_and_where(commands: StoreCommands) -> None:
    number = commands.recorded.cases[0].opening.number
    document = commands.ask("ops", "conformance")
    assert document == {"conforms": True, "cases": len(commands.recorded.cases), "findings": []}
    with closing(sqlite3.connect(commands.recorded.file)) as database, database:
        forged = "UPDATE entries SET led_to = 'closed' WHERE number = ? AND seq = 2"
        assert database.execute(forged, (number,)).rowcount == 1
    found = commands.ask("ops", "conformance", number, code=10)
    assert found["cases"] == 1
    assert (found["findings"][0]["number"], found["findings"][0]["seq"]) == (number, 2)
    assert commands.run("ops", "conformance", "TS1").returncode == 3
