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
from tests.cli.running import Outcome, run
from tests.ops.exports import recorded_store
from tests.ops.recorded_stories import SAID, Recorded
from tests.support.corrupting import spoiling

pytestmark = pytest.mark.xdist_group("export-cli")


@dataclass(frozen=True)
class CommandLine:
    """A store and a folder to write to."""

    recorded: Recorded
    folder: Path

    def run(self, *words: str, url: str = "") -> Outcome:
        own = f"sqlite+aiosqlite:///{self.recorded.file}"
        return run(self.folder, *words, BANJIE_DATABASE_URL=url or own)

    def ask(self, *words: str, code: int = 0) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
async def typed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CommandLine]:
    folder = tmp_path_factory.mktemp("export")
    async with recorded_store(folder) as recorded:
        yield CommandLine(recorded, folder)


def test_a_file_and_what_is_in_it(typed: CommandLine) -> None:
    file = typed.folder / "log.sqlite"
    told = typed.ask("export", "ocel", str(file), "--kind", "repair")
    repairs = [case for case in typed.recorded.cases if case.opening.kind == "repair"]
    assert told["cases"] == told["objects"]["case"] == len(repairs)
    assert told["events"] == sum(len(case.entries) for case in repairs)
    with closing(sqlite3.connect(file)) as database:
        (events,) = database.execute("SELECT count(*) FROM event").fetchone()
    assert events == told["events"]


@pytest.mark.parametrize("form", ["ocel", "xes", "csv"])
def test_a_spoilt_case_is_left_out_and_named(typed: CommandLine, form: str) -> None:
    file, number = typed.folder / "spoilt.json", typed.recorded.cases[0].opening.number
    with spoiling(typed.recorded.file, number, "cases", "since = 'soon'"):
        told = typed.ask("export", form, str(file), code=1)
        piped = typed.run("export", form, "-")
    assert [each["number"] for each in told["left_out"]] == [number]
    assert told["cases"] == len(typed.recorded.cases) - 1
    assert file.exists()
    assert piped.returncode == 1
    assert f"{number} is left out: A row of {number} in the table cases" in piped.stderr


def test_so_is_a_case_that_conformance_cannot_read(typed: CommandLine) -> None:
    number = typed.recorded.cases[0].opening.number
    with spoiling(typed.recorded.file, number, "entries", "form = '{'", "seq = 1"):
        told = typed.ask("ops", "conformance", code=10)
    assert told["cases"] == len(typed.recorded.cases)
    assert [(each["code"], each["number"]) for each in told["findings"]] == [("unreadable", number)]


def test_standard_output_is_the_file_and_nothing_else(typed: CommandLine) -> None:
    done = typed.run("export", "ocel", "-", "--since", "2026-03-05", "--closed")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    cases = [each for each in document["objects"] if each["type"] == "case"]
    assert 0 < len(cases) < len(typed.recorded.cases)
    assert f"{len(cases)} cases" in done.stderr


async def test_words_need_a_reason_which_is_kept(typed: CommandLine) -> None:
    file = typed.folder / "words.csv"
    refused = typed.run("export", "csv", str(file), "--with-texts")
    assert (refused.returncode, file.exists()) == (2, False)
    done = typed.run("export", "csv", str(file), "--with-texts", "--reason", "wording review")
    assert done.returncode == 0, done.stderr
    assert SAID[0] in file.read_text(encoding="utf-8")
    (act,) = await typed.recorded.store.audit_log.events("default", 1, "histories.exported")
    assert act.reason == "wording review"
    assert act.actor.id.startswith("account:")


def test_a_store_that_is_not_there_leaves_no_file(typed: CommandLine) -> None:
    file = typed.folder / "none.xes"
    done = typed.run("export", "xes", str(file), url="postgresql+asyncpg://x:y@127.0.0.1:1/z")
    assert done.returncode == 5
    assert "does not answer" in done.stderr
    assert not list(typed.folder.glob("*none*"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ocel", "log.txt"), 2),
        (("pnml", "no/such/net.pnml"), 1),
    ],
)
def test_what_cannot_be_done_is_said(typed: CommandLine, words: tuple[str, ...], code: int) -> None:
    told = typed.ask("export", words[0], str(typed.folder / words[1]), *words[2:], code=code)
    assert told["error"]["exit"] == code
    assert not (typed.folder / words[1]).exists()


def test_a_kind_that_there_is_not_is_refused() -> None:
    refuse_unknown_kind(None)
    refuse_unknown_kind("repair")
    with pytest.raises(WrongUsage, match="complaint"):
        refuse_unknown_kind("wedding")


def test_nets_need_no_store(typed: CommandLine) -> None:
    file = typed.folder / "nets.pnml"
    told = typed.ask("export", "pnml", str(file), "--kind", "repair", "--strict")
    assert told == {"file": str(file), "nets": ["repair-v1"]}
    assert "finalmarkings" not in file.read_text(encoding="utf-8")


def test_conformance_says_what_is_wrong_and_where(typed: CommandLine) -> None:
    number = typed.recorded.cases[0].opening.number
    told = typed.ask("ops", "conformance")
    assert told == {"conforms": True, "cases": len(typed.recorded.cases), "findings": []}
    with closing(sqlite3.connect(typed.recorded.file)) as database, database:
        forged = "UPDATE entries SET led_to = 'closed' WHERE number = ? AND seq = 2"
        assert database.execute(forged, (number,)).rowcount == 1
    found = typed.ask("ops", "conformance", number, code=10)
    assert found["cases"] == 1
    assert (found["findings"][0]["number"], found["findings"][0]["seq"]) == (number, 2)
    assert typed.run("ops", "conformance", "TS1").returncode == 3
