"""A receiver and a store of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store import Store
from tests.support.moved_clock import MovedClock
from tests.support.receiver import Receiver, receiving


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url, migrate=True)
    yield opened
    await opened.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def timed(store: Store, url: str, clock: MovedClock) -> AsyncIterator[Store]:
    """The same store, with a clock that tests move."""
    del store  # it has made the tables
    opened = await Store.open(url, clock=clock)
    yield opened
    await opened.close()
