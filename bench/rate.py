"""How many complaints a second go through the real API, with the CPU each process spends on one."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from ops.verify import Oracle
from store import Store
from tests.support.agents import agents
from tests.support.lab import Lab
from workflows.connect import connect

AT_ONCE = 12


@dataclass(frozen=True)
class Rate:
    """One round: cases a second, and CPU milliseconds per case by process."""

    per_second: float
    cpu_ms: dict[str, float]


async def rounds(count: int, cases: int) -> list[Rate]:
    """So many rounds of whole complaints through fresh processes; the oracle checks each."""
    return [await _round(cases) for _ in range(count)]


def middle(found: list[Rate]) -> Rate:
    """The median of each figure."""
    names = found[0].cpu_ms
    return Rate(
        median(rate.per_second for rate in found),
        {name: median(rate.cpu_ms[name] for rate in found) for name in names},
    )


async def _round(cases: int) -> Rate:
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        await lab.start()
        try:
            return await _load(lab, cases)
        finally:
            lab.stop()


async def _load(lab: Lab, cases: int) -> Rate:
    store = await Store.open(lab.database_url)
    people = await agents(store, lab.url)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> str:
        async with gate:
            return await people.whole_case(index)

    await asyncio.gather(*(one(index) for index in range(AT_ONCE)))  # warm, not counted
    spent, began = _cpu(lab), time.perf_counter()
    numbers = await asyncio.gather(*(one(1000 + index) for index in range(cases)))
    seconds = time.perf_counter() - began
    cpu = {name: 1000 * (now - spent[name]) / cases for name, now in _cpu(lab).items()}
    await people.close()
    await _verify(lab, store, numbers)
    await store.close()
    return Rate(cases / seconds, cpu)


async def _verify(lab: Lab, store: Store, numbers: list[str]) -> None:
    client = await connect(lab.temporal.target)
    findings = [f async for f in Oracle(client, store).verify(acknowledged=numbers)]
    if findings:
        raise RuntimeError(f"the oracle found {len(findings)} faults, first: {findings[0]}")


def _cpu(lab: Lab) -> dict[str, float]:
    pids = {"api": lab.api.pid, "worker": lab.worker.pid, "server": lab.temporal.pid}
    times = {name: psutil.Process(pid).cpu_times() for name, pid in pids.items()}
    return {name: spent.user + spent.system for name, spent in times.items()}
