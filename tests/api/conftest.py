"""One engine and one office for all tests of the API in a worker process."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from app import start_case
from store.db.clock import utc_now
from tests.api.office import Office, build, opened, people
from tests.support.engine import Engine, running

Wait = Callable[[timedelta], None]


@pytest.fixture(scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """A real server, store and worker."""
    async with running(tmp_path_factory.mktemp("api")) as engine:
        yield engine


@pytest.fixture(scope="session")
async def office(engine: Engine) -> AsyncIterator[Office]:
    """The API on that engine, with its people."""
    keys = await people(engine.store)
    async with opened(build(engine), engine, keys) as office:
        yield office


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let the API's clock be ahead by this much from now on."""
    return lambda by: monkeypatch.setattr(start_case, "utc_now", lambda: utc_now() + by)
