"""`banjie store`: its exit codes, its documents, and the files that it leaves behind."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from temporal.case_client import CaseClient
from tests.cli.system import environment
from tests.support.cases import WHOLE_COMPLAINT, new_number, opening, request
from tests.support.command_runner import CommandLine, CommandResult, CommandRunner, preloaded_runner
from tests.support.engine import running
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("rebuild")


@dataclass(frozen=True)
class Commands:
    """A running system with a case in it, and commands that are run on it."""

    folder: Path
    number: str
    env: dict[str, str]
    command_runner: CommandRunner

    async def run(self, *words: str, **env: str) -> tuple[int, Any]:
        """The exit code and the document of a command."""
        ended = await self.ended(*words, "--json", **env)
        assert ended.stdout, ended.stderr
        return ended.code, ended.document

    async def ended(self, *words: str, **env: str) -> CommandResult:
        """How a command ended."""
        settings = {**environment(self.folder / "none"), **self.env, **env}
        return await asyncio.to_thread(
            self.command_runner.run, CommandLine(("store", *words), settings)
        )

    def corrupt(self, statement: str) -> None:
        """Change the database directly."""
        with closing(sqlite3.connect(self.folder / "banjie.db")) as connection, connection:
            assert connection.execute(statement, {"n": self.number}).rowcount


@pytest.fixture(scope="module")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Commands]:
    folder = tmp_path_factory.mktemp("store")
    with preloaded_runner() as command_runner:
        async with running(folder) as engine:
            case_client, number = CaseClient(engine.client), new_number()
            await case_client.start(opening(number))
            await case_client.submit(number, request("first", *WHOLE_COMPLAINT[0]))

            async def recorded() -> bool:
                return len(await engine.store.entries.of("default", number)) >= 3

            await until(recorded)
            env = {
                "BANJIE_DATABASE_URL": engine.url,
                "BANJIE_TEMPORAL_TARGET": engine.server.target,
            }
            yield Commands(folder, number, env, command_runner)


async def test_a_rebuild_fills_a_new_file_and_never_one_that_is_there(commands: Commands) -> None:
    into = commands.folder / "fresh.db"
    url = f"sqlite+aiosqlite:///{into}"
    code, document = await commands.run("rebuild", "--into", url)
    assert (code, document["same"], document["cases"], document["compared"]) == (0, True, 1, 1)
    assert [each.name for each in commands.folder.glob("fresh*")] == ["fresh.db"]
    before = into.read_bytes()
    code, document = await commands.run("rebuild", "--into", url)
    assert (code, document["error"]["exit"]) == (4, 4)
    assert into.read_bytes() == before


async def test_a_place_that_cannot_be_written_is_a_plain_failure(commands: Commands) -> None:
    url = f"sqlite+aiosqlite:///{commands.folder}/none/such/fresh.db"
    code, document = await commands.run("rebuild", "--into", url)
    assert (code, "cannot be written" in document["error"]["message"]) == (1, True)


async def test_what_differs_is_found_by_both_and_mended_by_one(commands: Commands) -> None:
    commands.corrupt("UPDATE tasks SET team = 'nobody' WHERE number = :n")
    code, document = await commands.run("rebuild")
    assert (code, document["same"]) == (10, False)
    code, document = await commands.run("reconcile", "--dry-run")
    assert (code, document["differences"][0]["fate"]) == (10, "found")
    code, document = await commands.run("reconcile")
    difference = document["differences"][0]
    assert (code, difference["number"], difference["fields"]) == (0, commands.number, ["team"])
    assert (difference["table"], difference["fate"]) == ("tasks", "mended")


async def test_no_store_is_rebuilt_from_nothing_and_not_reconciled(commands: Commands) -> None:
    lost = commands.folder / "lost.db"
    env = {"BANJIE_DATABASE_URL": f"sqlite+aiosqlite:///{lost}"}
    code, document = await commands.run("reconcile", **env)
    assert (code, "cannot be read" in document["error"]["message"]) == (5, True)
    code, document = await commands.run("rebuild", **env)
    assert (code, document["same"], document["cases"]) == (0, None, 1)
    assert not lost.exists()


@pytest.mark.parametrize("word", ["reconcile", "rebuild"])
async def test_an_address_that_is_none_is_wrong_usage(commands: Commands, word: str) -> None:
    code, document = await commands.run(word, BANJIE_DATABASE_URL="nonsense")
    assert (code, "it looks like sqlite+aiosqlite:///" in document["error"]["message"]) == (2, True)


async def test_waiting_for_temporal_is_shown_and_does_not_last_long(commands: Commands) -> None:
    began = time.monotonic()
    target = f"127.0.0.1:{free_port()}"
    ended = await commands.ended("reconcile", BANJIE_TEMPORAL_TARGET=target)
    assert time.monotonic() - began < 30
    waiting, failure = ended.stderr.splitlines()
    assert (ended.code, waiting.split(" at ")[0]) == (5, "Waiting for Temporal")
    assert failure.startswith("banjie: Temporal does not answer at 127.0.0.1:")


@pytest.mark.parametrize(("every", "code"), [("24h", 0), ("never", 0), ("soon", 2)])
async def test_it_is_scheduled(commands: Commands, every: str, code: int) -> None:
    assert (await commands.run("reconcile", "--every", every))[0] == code
