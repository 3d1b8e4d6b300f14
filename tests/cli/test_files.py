"""Files: one that is not there, one that is another, and no room for the one that is written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.core.exits import all_commands
from cli.main import app
from tests.cli.command_checks import check_failure, command_name, file_parameters
from tests.cli.command_lines import Line
from tests.cli.test_every_command import NOWHERE, places
from tests.ops.exports import recorded_store
from tests.support.command_runner import CommandLine, CommandResult, CommandRunner

pytestmark = pytest.mark.xdist_group("typed")

SPOILT = "neither one nor the other\n"
READING = {
    "restore {file}": 10,
    "audit check {file} --public-key {public}": 10,
    "audit check {spare} --public-key {file}": 1,
    "audit check {spare} --public-key {public} --from-checkpoint {file}": 10,
    "audit verify --public-key {file}": 1,
    "audit verify --public-key {public} --from-checkpoint {file}": 10,
    "audit checkpoint --key {file}": 1,
    "audit prove {number} --since {file}": 10,
    "feed {file} --kind complaint": 1,
    "order import {file}": 2,
    "case import {file}": 2,
    "replay --file {file}": 1,
    "gate --no-temporal --golden {file}": 1,
    "policy check {file}": 4,
    "policy test {file}": 4,
    "policy publish {file} --reason x": 4,
    "policy preview {file}": 4,
    "policy simulate {file} {file}": 4,
}
"""And the exit code when it is not what it should be: 10 where it is what the command verifies."""

WRITING = {
    "export ocel {out}.json": 60_000,
    "export ocel {out}.sqlite": 60_000,
    "export xes {out}.xes": 60_000,
    "export csv {out}.csv": 60_000,
    "export pnml {out}.pnml": 60_000,
    "audit prove {number} --out {out}.proof": 1_000,
    "audit keygen {out}.pem": 50,
    "backup --out {out}.tar.gz": 60_000,
}
"""And the bytes that there is room for: too few, yet enough for the store to note an export."""
ELSEWHERE = {
    "case record": "tests/cli/test_unknown_names.py: it takes a server",
    "case attach": "tests/cli/test_attachments.py: the same",
    "case attachment": "tests/cli/test_attachments.py: the same",
}
NEVER_OVER = ("audit keygen", "backup")
"""They refuse a file that is there."""


def test_no_command_with_a_file_is_left_out() -> None:
    told = {command_name(Line(words)) for words in (*READING, *WRITING)} | set(ELSEWHERE)
    assert told == {words for words, command in all_commands(app) if file_parameters(command)}


def ended_with(runner: CommandRunner, words: str, folder: Path, file: Path) -> CommandResult:
    own = places(folder)
    (folder / "spare").write_text(SPOILT, encoding="utf-8")
    here = {**own, "file": str(file), "spare": str(folder / "spare")}
    env = {**NOWHERE, "BANJIE_DATA_DIR": str(folder / "none")}
    return runner.run(CommandLine((*Line(words).filled(**here), "--json"), env, str(folder)))


@pytest.mark.parametrize("words", READING)
def test_a_file_that_is_not_there_is_three(
    runner: CommandRunner, tmp_path: Path, words: str
) -> None:
    ended = ended_with(runner, words, tmp_path, tmp_path / "no.file")
    assert check_failure(Line(words), ended) == 3
    assert "no.file" in ended.document["error"]["message"]


@pytest.mark.parametrize("words", READING)
def test_a_file_that_is_another_is_said_to_be(
    runner: CommandRunner, tmp_path: Path, words: str
) -> None:
    file = tmp_path / "spoilt.file"
    file.write_text(SPOILT, encoding="utf-8")
    ended = ended_with(runner, words, tmp_path, file)
    assert ended.code == READING[words], ended
    if words.startswith("feed"):
        assert ended.document["failures"][0]["line"] == 1
    else:
        assert check_failure(Line(words), ended) == READING[words]
        assert "spoilt.file" in ended.document["error"]["message"]
    assert file.read_text(encoding="utf-8") == SPOILT
    assert not (tmp_path / "none").exists()


@dataclass(frozen=True)
class OpenStore:
    """A store that another process has open, a data folder, and commands run on them."""

    runner: CommandRunner
    store: Path
    data: Path
    number: str

    async def run(self, words: str, out: Path, max_file_size: int | None = None) -> CommandResult:
        """Run a line and return how it ended."""
        with closing(sqlite3.connect(self.store)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        url = f"sqlite+aiosqlite:///{self.store}"
        env = {"BANJIE_DATABASE_URL": url, "BANJIE_DATA_DIR": str(self.data)}
        line = words.replace("{number}", self.number).format(out=out)
        command_line = CommandLine((*line.split(" "), "--json"), env, str(self.data), max_file_size)
        return await asyncio.to_thread(self.runner.run, command_line)


@pytest.fixture(scope="module")
async def open_store(
    runner: CommandRunner, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OpenStore]:
    folder, data = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("data")
    async with recorded_store(folder) as recorded:
        for name in ("banjie.db", "temporal.db"):
            with closing(sqlite3.connect(data / name)) as database, database:
                database.execute("CREATE TABLE kept AS SELECT randomblob(200000) AS bytes")
        open_store = OpenStore(runner, recorded.file, data, recorded.cases[0].opening.number)
        sealed = await open_store.run(f"audit checkpoint --key {places(folder)['key']}", folder)
        assert sealed.code == 0, sealed
        yield open_store


def inside(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("words", WRITING)
async def test_where_there_is_no_room_nothing_is_left_and_what_was_there_stays(
    open_store: OpenStore, tmp_path: Path, words: str
) -> None:
    line = Line(words)
    if command_name(line) not in NEVER_OVER:
        (tmp_path / f"out{words.partition('{out}')[2]}").write_bytes(b"older")
    before = inside(tmp_path)
    ended = await open_store.run(words, tmp_path / "out", max_file_size=WRITING[words])
    assert check_failure(line, ended) == 1
    assert inside(tmp_path) == before
    outcome = await open_store.run(words, tmp_path / "out")
    assert outcome.code == 0, outcome
    assert len(inside(tmp_path)) == (2 if command_name(line) == "audit keygen" else 1)


@pytest.mark.parametrize("words", WRITING)
async def test_where_there_is_no_folder_it_says_so(
    open_store: OpenStore, tmp_path: Path, words: str
) -> None:
    (tmp_path / "file").touch()
    for folder in ("none", "file"):
        ended = await open_store.run(words, tmp_path / folder / "out")
        assert check_failure(Line(words), ended) == 1
        assert str(tmp_path / folder) in ended.document["error"]["message"]
    assert inside(tmp_path) == {"file": b""}


async def test_a_restore_and_a_new_store_leave_nothing_where_there_is_no_room(
    open_store: OpenStore, tmp_path: Path
) -> None:
    backup, new = tmp_path / "b.tar.gz", tmp_path / "new"
    assert (await open_store.run(f"backup --out {backup}", tmp_path)).code == 0
    before = inside(tmp_path)
    words = f"restore {backup} --data-dir {new}"
    assert (
        check_failure(Line(words), await open_store.run(words, tmp_path, max_file_size=60_000)) == 1
    )
    assert inside(tmp_path) == before
    for file in (new / "banjie.db", tmp_path / "banjie.db"):
        words = f"key bootstrap --database-url sqlite+aiosqlite:///{file}"
        assert (
            check_failure(Line(words), await open_store.run(words, tmp_path, max_file_size=8192))
            == 5
        )
        assert inside(tmp_path) == before
