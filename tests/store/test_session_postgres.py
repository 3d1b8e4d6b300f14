"""PostgreSQL goes down in several ways, is called down, and is used again once it is back."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import select

from store import Store
from store.db.engine import MAX_OVERFLOW, POOL_SIZE
from tests.store.operations import MIGRATE, READS, WRITES, all_fail, all_work
from tests.support.postgres import Cluster, running

pytestmark = pytest.mark.xdist_group("postgresql")
SOON = 1.0
POOL = POOL_SIZE + MAX_OVERFLOW
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> $1 AND datname = $2"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with running() as cluster:
        cluster.make_template()
        yield cluster


@pytest.fixture
def url(server: Cluster) -> str:
    return server.new_database()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url, patience=SOON)
    await all_work(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def other(url: str, store: Store) -> "AsyncIterator[asyncpg.Connection]":
    del store  # opened first, so that it has connections to lose
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    yield connection
    if not connection.is_closed():
        await connection.close()


async def test_no_time_goes_into_compiling_queries(store: Store) -> None:
    """The counts of the inbox took twice as long with it at 100,000 cases."""
    async with store._sessions.reading() as connection:
        assert (await connection.exec_driver_sql("SHOW jit")).scalar_one() == "off"


async def test_a_server_that_stops_and_comes_back(server: Cluster, store: Store) -> None:
    for mode in ("immediate", "fast"):
        await asyncio.to_thread(server.stop, mode)
        await all_fail(store, READS + WRITES + MIGRATE)
        await asyncio.to_thread(server.start)
        await all_work(store)


async def test_connections_that_are_cut(store: Store, other: "asyncpg.Connection") -> None:
    mine = (other.get_server_pid(), await other.fetchval("SELECT current_database()"))
    for call in READS + WRITES + MIGRATE:
        assert await other.fetch(OTHERS, *mine)
        await call(store)


async def test_a_server_that_only_reads(store: Store, other: "asyncpg.Connection") -> None:
    name = await other.fetchval("SELECT current_database()")
    await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert await other.fetch(OTHERS, other.get_server_pid(), name)
    await all_fail(store, WRITES)
    await other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await all_work(store)


async def test_a_lock_that_is_held_too_long(
    url: str, store: Store, other: "asyncpg.Connection"
) -> None:
    impatient = await Store.open(url, patience=SOON / 4)
    async with other.transaction():
        await other.execute("LOCK TABLE cases, reservations, comments, alembic_version")
        await all_fail(impatient, WRITES)
    await impatient.close()
    await all_work(store)


async def test_more_readers_than_connections(store: Store) -> None:
    everybody_in, free = asyncio.Barrier(POOL + 1), asyncio.Event()

    async def hold() -> None:
        async with store._sessions.reading() as connection:
            await connection.execute(select(1))
            await everybody_in.wait()
            await free.wait()

    holders = [asyncio.create_task(hold()) for _ in range(POOL)]
    await everybody_in.wait()
    await all_fail(store, READS[:1])
    free.set()
    await asyncio.gather(*holders)
    await all_work(store)
