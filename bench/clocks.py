"""Measure thousands of clocks due at one moment while people work, and check every breach."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.bulk_start import start_all
from bench.machine import at_share, cpu_seconds, measured_on
from bench.page import paragraph
from bench.steady_load import SteadyLoad
from domain.language.entries import Entry, EntryType
from ops.oracle.oracle import Oracle
from store import Store
from temporal.connection import connect
from tests.support.agents import TENANT, agents
from tests.support.process_group import ProcessGroup

CLOCK, BUDGET = "acceptance", timedelta(hours=24)
"""Not the response: its warnings would come minutes before, while the last cases still start."""

STARTS_PER_SECOND = 6
"""What can be counted on, on a machine that has other work too."""

QUIET = timedelta(seconds=20)
"""For so long before the moment nothing else happens: these steps are the baseline."""

DRAIN_TIMEOUT = timedelta(minutes=15)


@dataclass(frozen=True)
class Storm:
    """What was measured, in seconds: when the last breach was detected and recorded, the steps."""

    starting: float
    drained: float
    latest: float
    before: list[float]
    during: list[float]
    later_answers: int
    cpu: dict[str, float]


async def section(n: int) -> list[str]:
    """Start the cases, wait for the moment, check each one, return the page's part."""
    with tempfile.TemporaryDirectory() as folder:
        processes = ProcessGroup(Path(folder))
        await processes.start()
        try:
            return _page_lines(n, await _storm(processes, n))
        finally:
            processes.stop()


async def _storm(processes: ProcessGroup, n: int) -> Storm:
    store = await Store.open(processes.database_url)
    people = await agents(store, processes.url)
    began = datetime.now(UTC)
    moment = began + timedelta(seconds=n / STARTS_PER_SECOND) + 1.5 * QUIET
    try:
        numbers = await start_all(people.http("shop"), n, received_at=moment - BUDGET)
        started = datetime.now(UTC)
        _log(f"{n} started; the moment is {moment:%H:%M:%S}, now it is {started:%H:%M:%S}")
        assert started + QUIET <= moment, f"started only at {started}, the moment was {moment}"
        async with _working(SteadyLoad(people)) as steady:
            await asyncio.sleep((moment - datetime.now(UTC)).total_seconds())
            pids = {
                "api": processes.api.pid,
                "worker": processes.worker.pid,
                "server": processes.temporal.pid,
            }
            before = cpu_seconds(pids)
            drained = await _drained(store, n)
            _log(f"all recorded at {drained:%H:%M:%S}; now each is checked")
            cpu = {name: now - before[name] for name, now in cpu_seconds(pids).items()}
        breaches = [await _breach(store, number, moment) for number in numbers]
        await _verify(processes, store, [*numbers, *steady.numbers])
    finally:
        await people.close()
        await store.close()
    late = [(entry.detected_at or moment) - moment for entry in breaches]
    return Storm(
        starting=(started - began).total_seconds(),
        drained=(drained - moment).total_seconds(),
        latest=max(late).total_seconds(),
        before=steady.seconds(moment - QUIET, moment),
        during=steady.seconds(moment, drained),
        later_answers=steady.recorded_later(moment, drained),
        cpu=cpu,
    )


@asynccontextmanager
async def _working(steady: SteadyLoad) -> AsyncIterator[SteadyLoad]:
    """Two people take one step after the other meanwhile."""
    tasks = [asyncio.create_task(steady.work(worker)) for worker in range(2)]
    yield steady
    steady.stop()
    await asyncio.gather(*tasks)


async def _drained(store: Store, n: int) -> datetime:
    """Wait for the last breach to be recorded, and return when that was."""
    async with asyncio.timeout(DRAIN_TIMEOUT.total_seconds()):
        while True:
            counts = await store.counts.clocks(TENANT)
            if sum(c.n for c in counts if c.clock == CLOCK and c.state == "breached") >= n:
                return datetime.now(UTC)
            await asyncio.sleep(0.5)


async def _breach(store: Store, number: str, moment: datetime) -> Entry:
    """Return the one breach of the case's clock, after checking when it was due and detected."""
    entries = await store.entries.of(TENANT, number)
    mine = [e for e in _breaches(entries) if e.form.get("clock") == CLOCK]
    assert len(mine) == 1, f"{number}: {len(mine)} breaches"
    breach = mine[0]
    assert breach.due_at == moment, f"{number} was due at {breach.due_at}, not {moment}"
    assert breach.detected_at is not None, f"{number}: not detected"
    assert breach.detected_at >= moment, f"{number}: detected too early"
    return breach


def _log(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _breaches(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.type is EntryType.BREACHED]


async def _verify(processes: ProcessGroup, store: Store, numbers: list[str]) -> None:
    client = await connect(processes.temporal.target)
    oracle = Oracle(client, store)
    findings = [finding async for finding in oracle.verify(acknowledged=numbers)]
    if findings:
        raise RuntimeError(f"the oracle found {len(findings)} faults, first: {findings[0]}")


def _page_lines(n: int, storm: Storm) -> list[str]:
    rate = n / storm.drained
    cpu = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in sorted(storm.cpu.items()))
    return [
        f"## {n:,} clocks due at one moment",
        "",
        measured_on(),
        "",
        paragraph(
            f"{n:,} complaints, started through `/v1/cases:bulk` in {storm.starting:.0f} s,",
            "received 24 hours before the moment: then their acceptance is due, and half of their",
            "time to be resolved is over. Two people take steps on other cases before and",
            "meanwhile. Real time, the manual's own policy. Each of them had exactly one breach of",
            "that clock, with `due_at` the very moment and `detected_at` not before it; none was",
            "lost or doubled, and the oracle was clean over all cases.",
        ),
        "",
        "| | |",
        "|---|---|",
        f"| last breach detected by its workflow | {storm.latest:.1f} s after it was due |",
        f"| last breach recorded (drained) | {storm.drained:.1f} s, {rate:.0f} a second |",
        f"| steps before, {len(storm.before)} of them | {_times(storm.before)} |",
        f"| steps meanwhile, {len(storm.during)} of them | {_times(storm.during)} |",
        f"| steps meanwhile answered 202 (durable, recorded later) | {storm.later_answers} |",
        f"| CPU spent until drained | {cpu} |",
    ]


def _times(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    p50, p95 = (1000 * at_share(seconds, share) for share in (0.5, 0.95))
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {1000 * max(seconds):.0f} ms"
