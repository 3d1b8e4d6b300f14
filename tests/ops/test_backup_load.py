"""A backup taken while cases run: restored, nothing is missing, and they go on to their end."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.read_models.projection import CaseView
from ops.backup import BackupReport, restore_backup, take_backup
from ops.oracle.oracle import Oracle
from store import Store
from temporal.connection import connect
from tests.support.agents import Agents, agents
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("backup")]
CASES, AT_ONCE = 16, 8


async def findings(processes: ProcessGroup, store: Store) -> list[str]:
    oracle = Oracle(await connect(processes.temporal.target), store)
    return [f"{each.code} {each.number}: {each.detail}" async for each in oracle.verify()]


async def moving(store: Store, least: int) -> None:
    """Wait until so many cases are there and some of them are open."""

    async def there() -> bool:
        return len(await store.cases.all_numbers("default", None, CASES)) >= least

    await until(there, 60)


def saved(folder: Path, out: Path) -> BackupReport:
    return take_backup(folder, out, at=datetime.now(UTC), with_keys=True, say=lambda _: None)


@pytest.mark.nightly
async def test_cases_go_on_from_a_backup_taken_while_they_moved(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    processes = ProcessGroup(before)
    backups: list[BackupReport] = []
    try:
        await processes.start()
        store = await Store.open(processes.database_url, migrate=True)
        people = await agents(store, processes.url)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(index: int) -> str:
            async with gate:
                return await people.whole_case(index)

        work = asyncio.gather(*(one(index) for index in range(CASES)))
        for least in (AT_ONCE, AT_ONCE + 4):
            await moving(store, least)
            out = tmp_path / f"{least}.tar.gz"
            backups.append(await asyncio.to_thread(saved, before, out))
            assert not work.done(), "the cases ended before the backup: make them more"
        numbers = await work
        await people.close()
        await store.close()
    finally:
        processes.stop()

    for backup in backups:
        done = restore_backup(
            backup.file, after, at=datetime.now(UTC), force=after.exists(), say=lambda _: None
        )
        assert done.manifest == backup.manifest
    await go_on(ProcessGroup(after), people.keys, numbers)


async def go_on(processes: ProcessGroup, keys: Mapping[str, str], numbers: list[str]) -> None:
    """The restored system is whole, and the same requests bring every case to its end."""
    try:
        await processes.start()
        store = await Store.open(processes.database_url)
        assert await findings(processes, store) == []
        there = await rows(store, numbers)
        on_their_way = [index for index in range(CASES) if not closed(there[index])]
        assert any(there[index] for index in on_their_way), "nothing moved during the backup"
        people = Agents(processes.url, keys)
        again = await asyncio.gather(*(people.whole_case(index) for index in on_their_way))
        await people.close()
        known = [numbers[index] if there[index] else None for index in on_their_way]
        assert all(was in (None, now) for was, now in zip(known, again, strict=True))
        assert all(closed(row) for row in await rows(store, again))
        assert await findings(processes, store) == []
        await store.close()
    finally:
        processes.stop()


async def rows(store: Store, numbers: Sequence[str]) -> list[CaseView | None]:
    return [await store.cases.get("default", number) for number in numbers]


def closed(row: CaseView | None) -> bool:
    return row is not None and row.outcome == "solved"
