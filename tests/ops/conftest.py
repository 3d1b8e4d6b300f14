"""Audited stores on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from store import Store
from store.migrations import upgrade
from tests.ops.audited_store import AuditedStore
from tests.ops.exports import Exported, export_all
from tests.support.postgres import Cluster, running

_tenants = count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running() as cluster:
        cluster.make_template()
        yield cluster


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('audit') / 'banjie.db'}"
    upgrade(url)
    return url


@pytest.fixture(scope="module")
async def store(sqlite: str) -> AsyncIterator[Store]:
    opened = await Store.open(sqlite)
    yield opened
    await opened.close()


@pytest.fixture
def audited(store: Store, sqlite: str, tmp_path: Path) -> AuditedStore:
    """A tenant of the test's own, on SQLite."""
    return AuditedStore(store, sqlite, tmp_path, f"brand-{next(_tenants)}")


@pytest.fixture(scope="module")
async def postgres_store(cluster: Cluster) -> AsyncIterator[tuple[Store, str]]:
    url = cluster.new_database()
    opened = await Store.open(url)
    yield opened, url
    await opened.close()


@pytest.fixture
def postgres_audited(postgres_store: tuple[Store, str], tmp_path: Path) -> AuditedStore:
    """The same on PostgreSQL."""
    return AuditedStore(*postgres_store, tmp_path, f"brand-{next(_tenants)}")


@pytest.fixture(scope="session")
async def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """All stories, exported in all formats."""
    return await export_all(tmp_path_factory.mktemp("exported"))
