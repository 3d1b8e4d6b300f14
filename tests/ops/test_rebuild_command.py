"""`banjie store`: its exit codes, what it says to programs, what it leaves behind."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from temporal.case_client import CaseClient
from tests.cli.running import run
from tests.support.cases import WHOLE_COMPLAINT, new_number, opening, request
from tests.support.engine import running
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("rebuild")


@dataclass(frozen=True)
class Desktop:
    """A running system with a case in it, and the commands that are spoken to it."""

    folder: Path
    number: str
    named: dict[str, str]

    async def say(self, *words: str, **more: str) -> tuple[int, Any]:
        """A command's exit code, and its document."""
        env = {**self.named, **more}
        done = await asyncio.to_thread(run, self.folder / "none", "store", *words, "--json", **env)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def spoil(self, statement: str) -> None:
        """Change the database behind everybody's back."""
        with closing(sqlite3.connect(self.folder / "banjie.db")) as connection, connection:
            assert connection.execute(statement, {"n": self.number}).rowcount


@pytest.fixture(scope="module")
async def desktop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desktop]:
    folder = tmp_path_factory.mktemp("store")
    async with running(folder) as engine:
        case_client, number = CaseClient(engine.client), new_number()
        await case_client.start(opening(number))
        await case_client.submit(number, request("first", *WHOLE_COMPLAINT[0]))

        async def recorded() -> bool:
            return len(await engine.store.entries.of("default", number)) >= 3

        await until(recorded)
        named = {
            "BANJIE_DATABASE_URL": engine.url,
            "BANJIE_TEMPORAL_TARGET": engine.server.target,
        }
        yield Desktop(folder, number, named)


async def test_a_rebuild_fills_a_new_file_and_never_one_that_is_there(desktop: Desktop) -> None:
    into = desktop.folder / "fresh.db"
    url = f"sqlite+aiosqlite:///{into}"
    code, told = await desktop.say("rebuild", "--into", url)
    assert (code, told["same"], told["cases"], told["compared"]) == (0, True, 1, 1)
    assert [each.name for each in desktop.folder.glob("fresh*")] == ["fresh.db"]
    before = into.read_bytes()
    code, told = await desktop.say("rebuild", "--into", url)
    assert (code, told["error"]["exit"]) == (4, 4)
    assert into.read_bytes() == before


async def test_a_place_that_cannot_be_written_is_a_plain_failure(desktop: Desktop) -> None:
    url = f"sqlite+aiosqlite:///{desktop.folder}/none/such/fresh.db"
    code, told = await desktop.say("rebuild", "--into", url)
    assert (code, "cannot be written" in told["error"]["message"]) == (1, True)


async def test_what_differs_is_found_by_both_and_mended_by_one(desktop: Desktop) -> None:
    desktop.spoil("UPDATE tasks SET team = 'nobody' WHERE number = :n")
    code, told = await desktop.say("rebuild")
    assert (code, told["same"]) == (10, False)
    code, told = await desktop.say("reconcile", "--dry-run")
    assert (code, told["differences"][0]["fate"]) == (10, "found")
    code, told = await desktop.say("reconcile")
    found = told["differences"][0]
    assert (code, found["number"], found["fields"]) == (0, desktop.number, ["team"])
    assert (found["table"], found["fate"]) == ("tasks", "mended")


async def test_no_store_is_rebuilt_from_nothing_and_not_reconciled(desktop: Desktop) -> None:
    lost = desktop.folder / "lost.db"
    named = {"BANJIE_DATABASE_URL": f"sqlite+aiosqlite:///{lost}"}
    code, told = await desktop.say("reconcile", **named)
    assert (code, "cannot be read" in told["error"]["message"]) == (5, True)
    code, told = await desktop.say("rebuild", **named)
    assert (code, told["same"], told["cases"]) == (0, None, 1)
    assert not lost.exists()


@pytest.mark.parametrize("word", ["reconcile", "rebuild"])
async def test_an_address_that_is_none_is_wrong_usage(desktop: Desktop, word: str) -> None:
    code, told = await desktop.say(word, BANJIE_DATABASE_URL="nonsense")
    assert (code, "it looks like sqlite+aiosqlite:///" in told["error"]["message"]) == (2, True)


async def test_who_waits_for_temporal_is_told_so_and_not_for_long(desktop: Desktop) -> None:
    named = {**desktop.named, "BANJIE_TEMPORAL_TARGET": f"127.0.0.1:{free_port()}"}
    began = time.monotonic()
    done = await asyncio.to_thread(run, desktop.folder / "none", "store", "reconcile", **named)
    assert time.monotonic() - began < 30
    waited, failed = done.stderr.splitlines()
    assert (done.returncode, waited.split(" at ")[0]) == (5, "Waiting for Temporal")
    assert failed.startswith("banjie: Temporal does not answer at 127.0.0.1:")


@pytest.mark.parametrize(("every", "code"), [("24h", 0), ("never", 0), ("soon", 2)])
async def test_it_is_scheduled(desktop: Desktop, every: str, code: int) -> None:
    assert (await desktop.say("reconcile", "--every", every))[0] == code
