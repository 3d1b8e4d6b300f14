"""Worker versioning, when it is asked for: running cases go on with the version made current."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from store import Store
from temporal.case_client import CaseClient
from tests.support.cases import LIU, SORTED, new_number, opening, request
from tests.support.temporal import DevServer, executable
from tests.support.waiting import until
from worker.build import build_worker
from worker.settings import WorkerSettings

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("versions")]
DEPLOYMENT = "banjie"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DevServer]:
    server = DevServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}", migrate=True)
    yield store
    await store.close()


def version(build: str) -> WorkerSettings:
    return WorkerSettings(deployment=DEPLOYMENT, build_id=build, drain=5)


async def make_current(server: DevServer, build: str) -> None:
    """What docs/operations.md tells to do; Temporal knows a version once its worker polls."""
    command = [
        executable("temporal"), "worker", "deployment", "set-current-version", "--yes",
        "--deployment-name", DEPLOYMENT, "--build-id", build, "--address", server.target,
    ]  # fmt: skip

    async def done() -> bool:
        ran = await asyncio.to_thread(subprocess.run, command, check=False, capture_output=True)
        return ran.returncode == 0

    await until(done)


async def version_of(client: Client, number: str) -> str:
    description = await client.get_workflow_handle(number).describe()
    versioning = description.raw_description.workflow_execution_info.versioning_info
    return versioning.deployment_version.build_id


async def test_a_case_goes_on_with_the_version_made_current(
    server: DevServer, store: Store
) -> None:
    client, number = await server.client(), new_number()
    case_client = CaseClient(client)
    async with build_worker(client, store, version("one")):
        await make_current(server, "one")
        await case_client.start(opening(number))
        await case_client.submit(number, request("first", ("accept", {}), actor=LIU))
        assert await version_of(client, number) == "one"
        async with build_worker(client, store, version("two")):
            await make_current(server, "two")
            await case_client.submit(number, request("second", ("classify", SORTED), actor=LIU))
            acts = cycle(("claim", "release"))

            async def moved() -> bool:
                # The server tells its parts of the new version one after the other; whichever
                # request comes after that is the first that the new build takes.
                id = f"act-{uuid4().hex}"
                await case_client.submit(number, request(id, (next(acts), {}), actor=LIU))
                return await version_of(client, number) == "two"

            await until(moved)


def test_without_a_deployment_there_are_no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANJIE_DEPLOYMENT", "")
    assert WorkerSettings().deployment is None
