"""`python -m api` as a process: it starts, serves, stops on a signal, and says why it cannot."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.callers import Callers
from tests.support.process_group import ServiceProcess
from tests.support.temporal import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "api.log"


@pytest.fixture
def process(callers: Callers, port: int, log: Path) -> Iterator[ServiceProcess]:
    """The API in a process of its own, not started yet."""
    env = {
        "BANJIE_DATABASE_URL": callers.engine.url,
        "BANJIE_TEMPORAL_TARGET": callers.engine.server.target,
        "BANJIE_API_PORT": str(port),
    }
    part = ServiceProcess("api", env, log)
    yield part
    part.kill()


async def test_it_serves_until_it_is_told_to_stop(
    process: ServiceProcess, port: int, log: Path
) -> None:
    process.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

        async def ready() -> bool:
            try:
                return bool((await http.get("/readyz")).json()["status"] == "ready")
            except httpx.TransportError:
                return False

        await until(ready)
        assert (await http.get("/v1/me")).status_code == 401
    assert process.stop() == 0
    assert '"route": "/v1/me"' in read(log)


async def test_a_port_that_is_taken_is_said_to_be(
    process: ServiceProcess, port: int, log: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        process.start()

        async def said() -> bool:
            return "address already in use" in read(log)

        await until(said)
    assert process.stop() == 5


def read(log: Path) -> str:
    return log.read_text(encoding="utf-8")
