"""`python -m worker` as a process: it waits for what it needs, and stops when it is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Store
from store.errors import StoreDown
from tests.support.process_group import ServiceProcess
from tests.support.temporal import DevServer, free_port
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("worker")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "worker.log"


@pytest.fixture
def temporal(tmp_path: Path) -> Iterator[DevServer]:
    server = DevServer(tmp_path)
    server.start()
    yield server
    server.kill()


def worker(log: Path, target: str, folder: Path) -> ServiceProcess:
    """A worker with its database in that folder, not started yet."""
    env = {
        "BANJIE_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'banjie.db'}",
        "BANJIE_TEMPORAL_TARGET": target,
    }
    return ServiceProcess("worker", env, log)


async def says(log: Path, words: str) -> None:
    async def said() -> bool:
        return words in read(log)

    await until(said)


async def test_it_serves_at_once_and_takes_its_database_later(
    temporal: DevServer, log: Path, tmp_path: Path
) -> None:
    await temporal.client()
    folder = tmp_path / "later"
    process = worker(log, temporal.target, folder)
    process.start()
    try:
        await says(log, "What is done now is recorded later.")
        await says(log, "serving cases")
        folder.mkdir()
        await until(lambda: migrated(folder))
        assert process.stop() == 0
    finally:
        process.kill()


async def test_it_stops_at_once_while_nobody_answers(log: Path, tmp_path: Path) -> None:
    process = worker(log, f"127.0.0.1:{free_port()}", tmp_path)
    process.start()
    try:
        await says(log, "starting")
        assert process.stop() == 0
    finally:
        process.kill()
    assert "stopped before it served" in read(log)


def test_a_worker_without_the_key_that_was_named_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "worker"],
        env={**os.environ, "BANJIE_AUDIT_KEY": str(tmp_path / "none.pem")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "none.pem cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


async def migrated(folder: Path) -> bool:
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'banjie.db'}")
    try:
        return await store.migrated()
    except StoreDown:
        return False
    finally:
        await store.close()


def read(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.is_file() else ""
