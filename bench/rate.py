"""Measure how many complaints a second the API takes, and the CPU of each process for one."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.machine import cpu_seconds, measured_on
from bench.page import paragraph
from ops.oracle.oracle import Oracle
from store import Store
from temporal.connection import connect
from tests.support.agents import Agents, agents
from tests.support.cases import WHOLE_COMPLAINT
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

AT_ONCE, ROUNDS = 12, 3


@dataclass(frozen=True)
class Rate:
    """One round: cases a second, CPU milliseconds per case by process, the size of a history."""

    per_second: float
    cpu_ms: Mapping[str, float]
    events: int
    bytes: int


Work = Callable[[int], Awaitable[None]]


async def section(n: int) -> list[str]:
    """Measure three rounds of ours alone and return the page's part."""
    found = [await ours(n) for _ in range(ROUNDS)]
    mid = medians(found)
    each = ", ".join(f"{rate.per_second:.2f}" for rate in found)
    return [
        "## Whole complaints through the real API",
        "",
        measured_on(),
        "",
        paragraph(
            f"{n} complaints a round, {AT_ONCE} at once; rounds of {each} cases/s, median",
            f"**{mid.per_second:.2f} cases/s**. The oracle was clean after each round.",
        ),
        "",
        "| process | CPU ms per case (median) |",
        "|---|---|",
        *(f"| {name} | {ms:.0f} |" for name, ms in sorted(mid.cpu_ms.items())),
    ]


def medians(found: list[Rate]) -> Rate:
    """Return the median of each figure."""
    return Rate(
        median(rate.per_second for rate in found),
        {name: median(rate.cpu_ms[name] for rate in found) for name in found[0].cpu_ms},
        round(median(rate.events for rate in found)),
        round(median(rate.bytes for rate in found)),
    )


async def ours(cases: int) -> Rate:
    """Measure one round through new processes; the oracle checks it."""
    with tempfile.TemporaryDirectory() as folder:
        processes = ProcessGroup(Path(folder))
        await processes.start()
        store = await Store.open(processes.database_url)
        people = await agents(store, processes.url)
        try:
            return await _load(processes, store, people, cases)
        finally:
            await people.close()
            await store.close()
            processes.stop()


async def _load(processes: ProcessGroup, store: Store, people: Agents, cases: int) -> Rate:
    numbers: dict[int, str] = {}

    async def work(index: int) -> None:
        numbers[index] = await people.start(index)
        for at in range(len(WHOLE_COMPLAINT) - 1):
            await _take(people, numbers[index], at)

    async def finish(index: int) -> None:
        await _take(people, numbers[index], len(WHOLE_COMPLAINT) - 1)

    pids = {
        "api": processes.api.pid,
        "worker": processes.worker.pid,
        "server": processes.temporal.pid,
    }
    per_second, cpu_ms = await timed(pids, store, cases, work, finish)
    client = await connect(processes.temporal.target)
    oracle = Oracle(client, store)
    findings = [finding async for finding in oracle.verify(acknowledged=numbers.values())]
    if findings:
        raise RuntimeError(f"the oracle found {len(findings)} faults, first: {findings[0]}")
    history = await client.get_workflow_handle(numbers[0]).fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    return Rate(per_second, cpu_ms, len(history.events), size)


async def _take(people: Agents, number: str, at: int) -> None:
    steps = [{"step": step, "form": dict(form)} for step, form in WHOLE_COMPLAINT[at]]
    await people.take(number, steps, f"{number}-{at}")


async def timed(
    pids: Mapping[str, int], store: Store, cases: int, work: Work, finish: Work
) -> tuple[float, dict[str, float]]:
    """Return cases a second and CPU ms per case by process, this one, the driver, included.

    First all cases go up to the outcome's notice; when all notices are sent, all are followed up,
    so that nobody has to poll for the notice.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(do: Work, index: int) -> None:
        async with gate:
            await do(index)

    async def phase(do: Work, indices: range) -> None:
        await asyncio.gather(*(one(do, index) for index in indices))

    async def all_notified() -> bool:
        return all(row.state != "telling" for row in await store.counts.cases("default"))

    warm = range(-AT_ONCE, 0)
    await phase(work, warm)
    await until(all_notified)
    await phase(finish, warm)
    all_of_us = {**pids, "driver": os.getpid()}
    before, began = cpu_seconds(all_of_us), time.perf_counter()
    await phase(work, range(cases))
    await until(all_notified)
    await phase(finish, range(cases))
    seconds = time.perf_counter() - began
    after = cpu_seconds(all_of_us)
    cpu = {name: 1000 * (after[name] - before[name]) / cases for name in after}
    return cases / seconds, cpu
