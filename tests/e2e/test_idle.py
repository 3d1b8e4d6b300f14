"""A system that nobody uses is quiet, and answers as quickly afterwards as before."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from store import Store
from store.people.records import KeyOwner, OwnerKind
from temporal.connection import KEEP_ALIVE
from tests.api.callers import new_case
from tests.support.process_group import ProcessGroup, ServiceProcess

MIN_PING_MILLIS = 10_000
"""Temporal's `keepAliveMinTime`: whoever pings more often is cut off."""
IDLE_SECONDS = 600


def test_we_ping_no_more_often_than_temporal_allows() -> None:
    assert KEEP_ALIVE.interval_millis > 2 * MIN_PING_MILLIS


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[ProcessGroup]:
    group = ProcessGroup(tmp_path, more={"BANJIE_DISPATCH": "false"})
    await group.start()
    yield group
    group.stop()


@pytest.fixture
async def shop(processes: ProcessGroup) -> AsyncIterator[httpx.AsyncClient]:
    store = await Store.open(processes.database_url, migrate=True)
    _, key = await store.keys.add("default", KeyOwner(OwnerKind.SYSTEM, "shop"))
    await store.close()
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=processes.url, headers=headers, timeout=60) as client:
        yield client


async def seconds_of_a_start(shop: httpx.AsyncClient, name: str) -> float:
    began = time.perf_counter()
    answer = await shop.post("/v1/cases", json=new_case(), headers={"Idempotency-Key": name})
    assert answer.is_success
    return time.perf_counter() - began


@pytest.mark.e2e
@pytest.mark.nightly
async def test_an_idle_system_is_quiet_and_stays_quick(
    processes: ProcessGroup, shop: httpx.AsyncClient, tmp_path: Path
) -> None:
    log = tmp_path / "dispatcher.log"
    env = {"BANJIE_DATABASE_URL": processes.database_url}
    dispatcher = ServiceProcess("worker.dispatcher", env, log)
    dispatcher.start()
    try:
        before = [await seconds_of_a_start(shop, f"before-{n}") for n in range(5)]
        await asyncio.sleep(IDLE_SECONDS)  # idleness is what is tried
        first = await seconds_of_a_start(shop, "first")
        assert first < max(before) + 0.5
    finally:
        assert dispatcher.stop() == 0
    for name in ("worker", "api", "dispatcher"):
        text = (tmp_path / f"{name}.log").read_text(encoding="utf-8")
        loud = [line for line in text.splitlines() if json.loads(line)["level"] != "info"]
        assert loud == []
