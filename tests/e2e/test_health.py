"""The health checks of docker-compose.yml, run against real processes: well, and not well."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.architecture.test_compose import SERVICES
from tests.support.process_group import ProcessGroup, ServiceProcess
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("health")]


@pytest.fixture(scope="module")
async def processes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessGroup]:
    processes = ProcessGroup(tmp_path_factory.mktemp("health"))
    await processes.start()
    yield processes
    processes.stop()


async def healthy(service: str, was: str, now: str, **env: str) -> bool:
    """Whether its check passes, with an address of ours in place of the container's."""
    kind, program, *arguments = SERVICES[service]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    command = [sys.executable, *(each.replace(was, now) for each in arguments)]
    ran = await asyncio.to_thread(
        subprocess.run, command, env=env, check=False, capture_output=True
    )
    return ran.returncode == 0


async def test_the_api_is_healthy_while_it_runs(processes: ProcessGroup) -> None:
    here = ("127.0.0.1:8080", f"127.0.0.1:{processes.port}")
    assert await healthy("api", *here)
    processes.api.kill()
    assert not await healthy("api", *here)
    processes.api.start()


async def test_the_worker_is_healthy_when_it_polls(processes: ProcessGroup, tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    env = {
        "BANJIE_DATABASE_URL": processes.database_url,
        "BANJIE_TEMPORAL_TARGET": processes.temporal.target,
        "BANJIE_METRICS": where,
    }
    worker = ServiceProcess("worker", env, tmp_path / "another.log")
    here = ("127.0.0.1:9464", where)
    assert not await healthy("worker", *here)
    worker.start()
    try:
        await until(lambda: healthy("worker", *here))
    finally:
        assert worker.stop() == 0


async def test_the_dispatcher_is_healthy_while_the_store_is(
    processes: ProcessGroup, tmp_path: Path
) -> None:
    assert await healthy("dispatcher", "", "", BANJIE_DATABASE_URL=processes.database_url)
    gone = f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such.db'}"
    assert not await healthy("dispatcher", "", "", BANJIE_DATABASE_URL=gone)
