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
from tests.ops.rebuild_system import TENANT, System, running_system
from tests.support.temporal import DevServer

pytestmark = pytest.mark.xdist_group("rebuild")
OTHER = "TS0"
"""No case has this number."""


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder = tmp_path_factory.mktemp("orphans")
    server = DevServer(folder)
    server.start()
    url = f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
    try:
        async with running_system(folder, server, "default", url) as running:
            running.cases["open"] = await running.complaint(2)
            await running.settled()
            yield running
    finally:
        server.kill()


def copy(system: System, table: str, tenant: str, number: str) -> None:
    """The case's rows of a table once more, under another name."""
    file = system.engine.url.partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        select = f"SELECT * FROM {table} WHERE number = ?"  # noqa: S608 — our names
        cursor = connection.execute(select, (system.cases["open"],))
        names = [each[0] for each in cursor.description]
        places = names.index("tenant"), names.index("number")
        rows = [list(row) for row in cursor]
        assert rows
        for row in rows:
            row[places[0]], row[places[1]] = tenant, number
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def clean(system: System, table: str, number: str, tenant: str) -> None:
    file = system.engine.url.partition(":///")[2]
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        delete = f"DELETE FROM {table} WHERE number = ? AND tenant = ?"  # noqa: S608 — our names
        connection.execute(delete, (number, tenant))


def summary(differences: Any) -> set[tuple[str, str, str, Mismatch, Fate]]:
    return {(each.tenant, each.number, each.table, each.sort, each.fate) for each in differences}


async def oracle(system: System) -> set[tuple[str, str | None]]:
    verifier = Oracle(system.engine.client, system.store, catch_up=timedelta())
    return {(each.code, each.number) async for each in verifier.verify()}


@pytest.mark.parametrize(
    ("table", "tenant"),
    [("tasks", TENANT), ("task_roles", "elsewhere"), ("clocks", TENANT), ("case_words", TENANT)],
)
async def test_what_is_derived_of_no_case_is_found_and_removed(
    system: System, table: str, tenant: str, tmp_path: Path
) -> None:
    copy(system, table, tenant, OTHER)
    which = (tenant, OTHER, table, Mismatch.NO_CASE)
    assert summary((await system.reconcile(mend=False)).differences) == {(*which, Fate.FOUND)}
    report = await system.rebuild(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}", records=False)
    assert summary(report.differences) == {(*which, Fate.FOUND)}
    assert await oracle(system) == ({("no_case", OTHER)} if tenant == TENANT else set())
    report_of_mending = await system.reconcile()
    assert summary(report_of_mending.differences) == {(*which, Fate.MENDED)}
    assert not report_of_mending.stays
    assert (await system.reconcile()).differences == []


@pytest.mark.parametrize("table", ["entries", "outbox"])
async def test_what_may_be_a_trace_is_told_and_left(system: System, table: str) -> None:
    copy(system, table, TENANT, OTHER)
    try:
        report = await system.reconcile()
        assert summary(report.differences) == {(TENANT, OTHER, table, Mismatch.NO_CASE, Fate.STAYS)}
        assert report.stays
        assert await system.store.orphans.of(TENANT)
    finally:
        clean(system, table, OTHER, TENANT)


async def test_a_copy_under_another_tenant_does_not_hide_the_case(system: System) -> None:
    number = system.cases["open"]
    copy(system, "clocks", "elsewhere", number)
    await system.corrupt(["UPDATE cases SET team = 'nobody' WHERE number = :n"], number)
    report = await system.reconcile()
    assert summary(report.differences) == {
        (TENANT, number, "cases", Mismatch.DIFFERS, Fate.MENDED),
        ("elsewhere", number, "clocks", Mismatch.NO_CASE, Fate.MENDED),
    }
    assert await system.oracle.case(number) == []


UNREADABLE = {
    "a moment that is none": ("cases", "received_at = 'soon'", Mismatch.UNREADABLE),
    "a kind that nobody knows": ("cases", "kind = 'gift'", Mismatch.DIFFERS),
    "bytes that are no text": ("cases", "team = CAST(x'ff' AS TEXT)", Mismatch.DIFFERS),
    "a task that is no JSON": ("tasks", "steps = '{'", Mismatch.DIFFERS),
    "a task without a moment": ("tasks", "opened_at = ''", Mismatch.UNREADABLE),
    "a clock of words": ("clocks", "budget = 'long'", Mismatch.UNREADABLE),
}


@pytest.mark.parametrize("damage", UNREADABLE)
async def test_a_row_that_cannot_be_read_is_found_and_mended(system: System, damage: str) -> None:
    table, how, sort = UNREADABLE[damage]
    number = system.cases["open"]
    await system.corrupt([f"UPDATE {table} SET {how} WHERE number = :n"], number)  # noqa: S608
    assert number in {number for _, number in await oracle(system)}
    report = await system.reconcile()
    assert summary(report.differences) == {(TENANT, number, table, sort, Fate.MENDED)}
    assert await oracle(system) == set()


async def overfill(system: System, url: str) -> None:
    """Make a store with a hundred cases where there is room for a few."""

    def small(connection: Any, _entry: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 60")

    number = system.cases["open"]
    rows = (await system.store.projection.rows(TENANT, [number]))[number]
    async with fresh_store(url) as store:
        engine = store.projection._sessions.engine
        await engine.dispose()
        event.listen(engine.sync_engine, "connect", small)
        await store.projection.fill(TENANT, {f"TS{n}": rows for n in range(100)})


async def test_a_full_disk_is_said_to_be_one_and_nothing_is_left(
    system: System, tmp_path: Path
) -> None:
    with pytest.raises(StoreFull):
        await overfill(system, f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 — the answer is a list
