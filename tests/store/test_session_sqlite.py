"""SQLite's file cannot be used, is called down, and is used again once it can."""

import asyncio
import sqlite3
import traceback
from pathlib import Path

import pytest

from store import Store
from store.comments import Visibility
from store.errors import StoreDown
from store.migrations import upgrade
from tests.store.conftest import sqlite_url
from tests.store.operations import MIGRATE, READS, WRITES, all_fail, all_work
from tests.support.cases import LIU

pytestmark = pytest.mark.xdist_group("sqlite")
SOON = 0.3
PHONE = 13_800_000_000


async def test_a_lock_that_is_held_too_long(tmp_path: Path) -> None:
    store = await Store.open(sqlite_url(tmp_path), migrate=True, patience=SOON)
    other = sqlite3.connect(tmp_path / "banjie.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await all_fail(store, WRITES + MIGRATE)
    for read in READS:
        await read(store)
    other.execute("ROLLBACK")
    other.close()
    await all_work(store)
    await store.close()


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    store = await Store.open(sqlite_url(folder), patience=SOON)
    await all_fail(store, READS + WRITES + MIGRATE)
    folder.mkdir()
    await store.migrate()
    await all_work(store)
    await store.close()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "banjie.db"
    file.write_text("这不是数据库" * 1000, encoding="utf-8")
    store = await Store.open(sqlite_url(tmp_path), patience=SOON)
    await all_fail(store, READS + WRITES + MIGRATE)
    with pytest.raises(StoreDown):
        await Store.open(sqlite_url(tmp_path), migrate=True, patience=SOON)
    file.unlink()
    await store.migrate()
    await all_work(store)
    await store.close()


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    store = await Store.open(sqlite_url(tmp_path), migrate=True, patience=SOON)
    big = "很" * 2_000_000
    async with store._sessions.writing() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 100")
    with pytest.raises(StoreDown):
        await store.comments.add("t", "TS", LIU, Visibility.PUBLIC, big)
    async with store._sessions.writing() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    await store.comments.add("t", "TS", LIU, Visibility.PUBLIC, big)
    assert len(await store.comments.of("t", "TS", include_internal=True)) == 1
    await store.close()


async def test_the_error_names_no_data(tmp_path: Path) -> None:
    store = await Store.open(sqlite_url(tmp_path), patience=SOON)
    with pytest.raises(StoreDown) as caught:
        await store.comments.add("t", "TS", LIU, Visibility.PUBLIC, f"我的电话是{PHONE}")
    assert str(PHONE) not in "".join(traceback.format_exception(caught.value))
    await store.close()


async def test_a_migration_says_it_too(tmp_path: Path) -> None:
    with pytest.raises(StoreDown):
        await asyncio.to_thread(upgrade, sqlite_url(tmp_path / "nowhere"), SOON)
