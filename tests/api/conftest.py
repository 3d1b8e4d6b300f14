"""One engine and one set of callers for all tests of the API in a worker process."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from app import start_case
from store.db.clock import utc_now
from tests.api.callers import Callers, add_people, build_api, open_clients
from tests.support.engine import Engine, running

Wait = Callable[[timedelta], None]


@pytest.fixture(scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """A real server, store and worker."""
    async with running(tmp_path_factory.mktemp("api")) as engine:
        yield engine


@pytest.fixture(scope="session")
async def callers(engine: Engine) -> AsyncIterator[Callers]:
    """The API on that engine, with its people."""
    keys = await add_people(engine.store)
    async with open_clients(build_api(engine), engine, keys) as callers:
        yield callers


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let the API's clock be ahead by this much from now on."""
    return lambda by: monkeypatch.setattr(start_case, "utc_now", lambda: utc_now() + by)
