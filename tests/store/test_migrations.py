"""The migrations make the tables that the code believes in, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from store import Store
from store.all_tables import metadata
from store.cases.records import CaseFilter
from store.db.session import Sessions
from store.errors import StoreDown, WrongUrl
from store.migrations import config, is_current, run_upgrade

T = TypeVar("T")


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Sessions]:
    sessions = Sessions(empty_url, patience=5)
    yield sessions
    await sessions.close()


async def inside(sessions: Sessions, do: Callable[[Connection], T]) -> T:
    async with sessions.writing() as connection:
        return await connection.run_sync(do)


def differences(connection: Connection) -> Any:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_migrations_make_the_tables_of_the_code(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    assert await inside(empty, tables) == set(metadata.tables)
    assert await inside(empty, differences) == []


async def test_a_difference_would_be_seen(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    await inside(empty, lambda it: it.execute(text("ALTER TABLE teams ADD COLUMN x INTEGER")))
    await inside(empty, lambda it: it.execute(text("DROP INDEX ix_cases_tenant_next_due")))
    found = {difference[0] for difference in await inside(empty, differences)}
    assert found == {"remove_column", "add_index"}


async def test_down_and_up_again(empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    await inside(empty, lambda it: command.downgrade(config(it), "base"))
    assert await inside(empty, tables) == set()
    assert not await inside(empty, is_current)
    await inside(empty, run_upgrade)
    assert await inside(empty, differences) == []


async def test_a_migration_that_breaks_leaves_nothing(empty: Sessions) -> None:
    def half_way(connection: Connection) -> None:
        run_upgrade(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await inside(empty, half_way)
    assert await inside(empty, tables) == set()


async def test_a_newer_database_is_left_alone(empty_url: str, empty: Sessions) -> None:
    await inside(empty, run_upgrade)
    newer = text("UPDATE alembic_version SET version_num = 'newer'")
    await inside(empty, lambda it: it.execute(newer))
    store = await Store.open(empty_url, migrate=True)
    assert await store.migrated()
    await store.close()


async def test_two_that_begin_at_once_both_end_well(empty_url: str, tmp_path: Path) -> None:
    """On one database and on two: what Alembic keeps in its modules is there once."""
    urls = [empty_url, empty_url, f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"]

    async def ready(url: str) -> bool:
        store = await Store.open(url, migrate=True)
        try:
            return await store.migrated()
        finally:
            await store.close()

    async def all_ready() -> list[bool]:
        return await asyncio.gather(*map(ready, urls))

    beside = asyncio.to_thread(asyncio.run, all_ready())
    here, there = await asyncio.gather(all_ready(), beside)
    assert all(here + there)


async def test_a_database_without_tables_is_down_until_it_is_migrated(empty_url: str) -> None:
    store = await Store.open(empty_url)
    assert not await store.migrated()
    with pytest.raises(StoreDown):
        await store.cases.page("default", CaseFilter(), None, 1)
    await store.migrate()
    assert (await store.cases.page("default", CaseFilter(), None, 1)).items == ()
    await store.close()


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysql+asyncmy://host/db",
        "sqlite:///x.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
    ],
)
async def test_an_address_that_cannot_be_used(address: str) -> None:
    with pytest.raises(WrongUrl):
        await Store.open(address)
