"""Rows that cannot be read, and rows of cases that are not there: found, and mended."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ops.oracle.oracle import Oracle
from ops.rebuild.diff import Fate, Mismatch
from ops.rebuild.target import fresh_store
from store.errors import StoreFull
from tests.ops.rebuilding import TENANT, House, house
from tests.support.temporal import DevServer

pytestmark = pytest.mark.xdist_group("rebuild")
OTHER = "TS0"
"""No case has this number."""


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("strays")
    server = DevServer(folder)
    server.start()
    url = f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
    try:
        async with house(folder, server, "default", url) as made:
            made.cases["open"] = await made.complaint(2)
            await made.settled()
            yield made
    finally:
        server.kill()


def copy(home: House, table: str, tenant: str, number: str) -> None:
    """The case's rows of a table once more, under another name."""
    file = home.engine.url.partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        read = f"SELECT * FROM {table} WHERE number = ?"  # noqa: S608 — our names
        cursor = connection.execute(read, (home.cases["open"],))
        names = [each[0] for each in cursor.description]
        at = names.index("tenant"), names.index("number")
        rows = [list(row) for row in cursor]
        assert rows
        for row in rows:
            row[at[0]], row[at[1]] = tenant, number
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def clean(home: House, table: str, number: str, tenant: str) -> None:
    file = home.engine.url.partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        gone = f"DELETE FROM {table} WHERE number = ? AND tenant = ?"  # noqa: S608 — our names
        connection.execute(gone, (number, tenant))


def told(found: Any) -> set[tuple[str, str, str, Mismatch, Fate]]:
    return {(each.tenant, each.number, each.table, each.sort, each.fate) for each in found}


async def oracle(home: House) -> set[tuple[str, str | None]]:
    looking = Oracle(home.engine.client, home.store, catch_up=timedelta())
    return {(each.code, each.number) async for each in looking.verify()}


@pytest.mark.parametrize(
    ("table", "tenant"),
    [("tasks", TENANT), ("task_roles", "elsewhere"), ("clocks", TENANT)],
)
async def test_what_is_derived_of_no_case_is_found_and_removed(
    home: House, table: str, tenant: str, tmp_path: Path
) -> None:
    copy(home, table, tenant, OTHER)
    which = (tenant, OTHER, table, Mismatch.NO_CASE)
    assert told((await home.reconcile(mend=False)).differences) == {(*which, Fate.FOUND)}
    report = await home.rebuild(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}", records=False)
    assert told(report.differences) == {(*which, Fate.FOUND)}
    assert await oracle(home) == ({("no_case", OTHER)} if tenant == TENANT else set())
    report_of_mending = await home.reconcile()
    assert told(report_of_mending.differences) == {(*which, Fate.MENDED)}
    assert not report_of_mending.stays
    assert (await home.reconcile()).differences == []


@pytest.mark.parametrize("table", ["entries", "outbox"])
async def test_what_may_be_a_trace_is_told_and_left(home: House, table: str) -> None:
    copy(home, table, TENANT, OTHER)
    try:
        report = await home.reconcile()
        assert told(report.differences) == {(TENANT, OTHER, table, Mismatch.NO_CASE, Fate.STAYS)}
        assert report.stays
        assert await home.store.orphans.of(TENANT)
    finally:
        clean(home, table, OTHER, TENANT)


async def test_a_copy_under_another_tenant_does_not_hide_the_case(home: House) -> None:
    number = home.cases["open"]
    copy(home, "clocks", "elsewhere", number)
    await home.spoil(["UPDATE cases SET team = 'nobody' WHERE number = :n"], number)
    report = await home.reconcile()
    assert told(report.differences) == {
        (TENANT, number, "cases", Mismatch.DIFFERS, Fate.MENDED),
        ("elsewhere", number, "clocks", Mismatch.NO_CASE, Fate.MENDED),
    }
    assert await home.oracle.case(number) == []


UNREADABLE = {
    "a moment that is none": ("cases", "received_at = 'soon'", Mismatch.UNREADABLE),
    "a kind that nobody knows": ("cases", "kind = 'gift'", Mismatch.DIFFERS),
    "bytes that are no text": ("cases", "team = CAST(x'ff' AS TEXT)", Mismatch.DIFFERS),
    "a task that is no JSON": ("tasks", "steps = '{'", Mismatch.DIFFERS),
    "a task without a moment": ("tasks", "opened_at = ''", Mismatch.UNREADABLE),
    "a clock of words": ("clocks", "budget = 'long'", Mismatch.UNREADABLE),
}


@pytest.mark.parametrize("spoilt", UNREADABLE)
async def test_a_row_that_cannot_be_read_is_found_and_mended(home: House, spoilt: str) -> None:
    table, how, sort = UNREADABLE[spoilt]
    number = home.cases["open"]
    await home.spoil([f"UPDATE {table} SET {how} WHERE number = :n"], number)  # noqa: S608
    assert number in {number for _, number in await oracle(home)}
    report = await home.reconcile()
    assert told(report.differences) == {(TENANT, number, table, sort, Fate.MENDED)}
    assert await oracle(home) == set()


async def overfill(home: House, url: str) -> None:
    """Make a store with a hundred cases where there is room for a few."""

    def small(connection: Any, _entry: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 60")

    number = home.cases["open"]
    rows = (await home.store.projection.rows(TENANT, [number]))[number]
    async with fresh_store(url) as store:
        engine = store.projection._sessions.engine
        await engine.dispose()
        event.listen(engine.sync_engine, "connect", small)
        await store.projection.fill(TENANT, {f"TS{n}": rows for n in range(100)})


async def test_a_full_disk_is_said_to_be_one_and_nothing_is_left(
    home: House, tmp_path: Path
) -> None:
    with pytest.raises(StoreFull):
        await overfill(home, f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 — the answer is a list
