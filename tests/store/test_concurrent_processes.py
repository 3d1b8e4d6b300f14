"""Several processes at one database lose nothing and do nothing twice."""

import asyncio
import sys
from pathlib import Path

import pytest

from store import Store

ROOT = Path(__file__).parents[2]
UPGRADE = "import sys; from store.migrations import upgrade; upgrade(sys.argv[1])"


async def python(*args: str) -> str:
    """What a Python of its own prints; its errors fail the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *args,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_processes_that_start_the_same_cases(store: Store, url: str, tenant: str) -> None:
    n = 12
    writer = ("-m", "tests.store.start_cases_process", url, tenant, str(n))
    news = await asyncio.gather(*(python(*writer) for _ in range(2)))
    assert sum(map(int, news)) == n
    started = await store.intake.answered(tenant)
    assert len(started) == n
    assert await store.cases.all_numbers(tenant, None, 1000) == [each.number for each in started]
    found = [await store.cases.get(tenant, each.number) for each in started]
    assert len({case.customer for case in found if case}) == 1


async def test_processes_that_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(python("-c", UPGRADE, empty_url) for _ in range(2)))
    store = await Store.open(empty_url)
    assert await store.migrated()
    await store.close()


@pytest.mark.parametrize("times", [1, 2])
async def test_tasks_that_migrate_at_once(empty_url: str, times: int) -> None:
    store = await Store.open(empty_url)
    for _ in range(times):
        await asyncio.gather(*(store.migrate() for _ in range(2)))
    assert await store.migrated()
    await store.close()
