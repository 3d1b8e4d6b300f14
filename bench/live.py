"""How soon open pages hear of a change, and what so many of them cost one process."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psutil

from app.authentication import Authenticator, Principal
from app.live import LiveFeed
from app.subscription import WhoReads
from bench.both_databases import on_both_databases
from bench.live_writer import EVENTS_A_SECOND, read_times
from bench.machine import at_share, measured_on
from bench.page import paragraph
from store import Store
from store.sign_in.records import SessionLimits
from tests.support.agents import TENANT

PAGES = 200
ON_CASES = 100
"""How many of the pages hear each change; the others hear that lists have changed."""
GOAL_MS, GOAL_MIB = 1000.0, 100.0
MIB = 1024 * 1024
SETTLE_SECONDS = 3.0
LIMITS = SessionLimits(idle=timedelta(days=1), lifetime=timedelta(days=1))


@dataclass(frozen=True)
class Measured:
    """Milliseconds from each commit to each page, what the pages cost, and what they missed."""

    ms: list[float]
    mib: float
    cpu: float
    events: int
    missed: int


async def section(n: int) -> list[str]:
    """The same on both databases: pages listen for `n` seconds, and another process writes."""
    return _told(n, await on_both_databases(lambda _, url: _measure(url, n)))


async def _measure(url: str, seconds: int) -> Measured:
    store = await Store.open(url, migrate=True)
    readers = [reader async for reader in _signed_in(store)]
    feed, heard = LiveFeed(store), [dict[str, float]() for _ in range(ON_CASES)]
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    try:
        async with _listening(feed, readers, heard):
            began, cpu_before = time.perf_counter(), sum(process.cpu_times()[:2])
            committed = await _write(url, seconds)
            cpu = (sum(process.cpu_times()[:2]) - cpu_before) / (time.perf_counter() - began)
            await asyncio.sleep(SETTLE_SECONDS)
            gc.collect()
            mib = (process.memory_info().rss - before) / MIB
        late = [_late(committed, page) for page in heard]
    finally:
        await feed.close()
        await store.close()
    return Measured(
        ms=[ms for page in late for ms in page],
        mib=mib,
        cpu=cpu,
        events=len(committed),
        missed=sum(len(committed) - len(page) for page in late),
    )


async def _signed_in(store: Store) -> AsyncIterator[WhoReads]:
    """Yield who reads each page: an agent of its own, by a session."""
    authenticator = Authenticator(store, LIMITS)
    for number in range(PAGES):
        await store.people.add_staff(TENANT, f"agent.{number}", "客服", ["agent"])
        token = await store.staff_sessions.open(
            TENANT, f"agent.{number}", method="password", device="-", limits=LIMITS
        )

        async def who(token: str = token) -> Principal | None:
            return await authenticator.read_session(token)

        yield who


@asynccontextmanager
async def _listening(
    feed: LiveFeed, readers: Iterable[WhoReads], heard: list[dict[str, float]]
) -> AsyncIterator[None]:
    """All pages listen, and note when they heard of which case."""
    opened = [asyncio.Event() for _ in range(PAGES)]

    async def page(place: int, who: WhoReads) -> None:
        numbers = None if place < ON_CASES else set[str]()
        async with aclosing(feed.subscribe(who, None, numbers)) as changes:
            async for told in changes:
                opened[place].set()
                for change in told:
                    if change.number is not None:
                        heard[place].setdefault(change.number, time.time())

    pages = [asyncio.create_task(page(*each)) for each in enumerate(readers)]
    await asyncio.gather(*(each.wait() for each in opened))
    try:
        yield
    finally:
        for each in pages:
            each.cancel()
        await asyncio.gather(*pages, return_exceptions=True)


async def _write(url: str, seconds: int) -> Mapping[str, float]:
    """Have another process write; return when it committed which case."""
    command = (sys.executable, "-m", "bench.live_writer", url, str(seconds))
    writer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await writer.communicate()
    if writer.returncode:
        raise RuntimeError("the writer failed")
    return read_times(out)


def _late(committed: Mapping[str, float], heard: Mapping[str, float]) -> list[float]:
    """Return how many milliseconds after its commit a page heard of each case."""
    return [1000 * (heard[number] - at) for number, at in committed.items() if number in heard]


def _told(n: int, measured: Mapping[str, Measured]) -> list[str]:
    rows = [
        f"| {database} | {_shares(each.ms)} | {each.missed} of {each.events * ON_CASES:,} "
        f"| {each.mib:.0f} | {each.cpu:.0%} |"
        for database, each in measured.items()
    ]
    worst = max(at_share(each.ms, 0.95) for each in measured.values())
    most = max(each.mib for each in measured.values())
    return [
        f"## Open pages: {PAGES} in one process",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"{PAGES} pages of as many people listen, {ON_CASES} to each change and the others to",
            f"their lists; another process records {EVENTS_A_SECOND} new cases a second for {n}",
            "seconds. Milliseconds from a commit to the page's stream as p50 / p95 / p99, without",
            f"the network: the worst p95 is **{worst:.0f} ms** (goal < {GOAL_MS:.0f} ms). The",
            f"pages cost **{most:.0f} MiB** at most (goal < {GOAL_MIB:.0f} MiB); CPU is that",
            "of the listening process, of one core.",
        ),
        "",
        "| database | until a page hears | not heard | MiB | CPU |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _shares(ms: list[float]) -> str:
    return " / ".join(f"{at_share(ms, share):.0f}" for share in (0.5, 0.95, 0.99))
