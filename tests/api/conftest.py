"""One engine and one office for all tests of the API in a worker process."""

from collections.abc import AsyncIterator

import pytest

from tests.api.office import Office, build, opened, people
from tests.support.engine import Engine, running


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
