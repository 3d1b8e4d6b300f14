"""Each test of this folder runs twice: on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from store import Store
from store.migrations import upgrade
from tests.support.moved_clock import MovedClock
from tests.support.postgres import Cluster, running
from tests.support.tenant_check import StatementCheck, tenant_checked

_tenants = count(1)


@pytest.fixture(scope="module", autouse=True)
def statements() -> Iterator[StatementCheck]:
    """Every statement sent by the tests of this folder, and no other, is read: `test_tenants`."""
    with tenant_checked() as check:
        yield check


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One server for the session."""
    with running() as cluster:
        cluster.make_template()
        yield cluster


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("sqlite", marks=pytest.mark.xdist_group("sqlite")),
        pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")),
    ],
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of the module's own, with all tables."""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        return cluster.new_database()
    address = sqlite_url(tmp_path_factory.mktemp("store"))
    upgrade(address)
    return address


@pytest.fixture
def empty_url(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database without any table."""
    if url.startswith("sqlite"):
        return sqlite_url(tmp_path)
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database(template="template0")


@pytest.fixture(scope="module")
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own, so that tests can share a database."""
    return f"brand-{next(_tenants)}"


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'banjie.db'}"


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
