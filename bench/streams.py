"""How soon a browser hears of a change over HTTP, and what many open streams cost the API."""

import asyncio
import json
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil

from bench.both_databases import on_both_databases
from bench.live import GOAL_MIB, GOAL_MS, LIMITS, MIB, ON_CASES, PAGES, SETTLE_SECONDS
from bench.machine import at_share, measured_on
from bench.page import paragraph
from bench.streams_writer import EVENTS_A_SECOND, read_commits
from policies.documents import hand_in
from store import Store
from tests.store import sample_cases
from tests.support.agents import TENANT
from tests.support.process_group import ProcessGroup
from web.http.session import COOKIE

CASES = 100
"""Those that pages show, so that of each one five seconds pass between two comments."""
EARLY = CASES / EVENTS_A_SECOND / 2
"""Seconds by which a page may hear of a commit before the writer has noted its time: SQLite writes
its log back within a commit that others see already. Less than half of what is between two."""


@dataclass
class Page:
    """A stream: when it heard of comments on each case, and of its lists; whether it lasts."""

    numbers: Sequence[str]
    heard: dict[str, list[float]] = field(default_factory=dict)
    lists: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, port: int, token: str) -> None:
        """Hear until the server ends the stream."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        query = urlencode({"cases": self.numbers}, doseq=True)
        lines = (f"GET /live?{query} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {COOKIE}={token}", "")
        writer.write("\r\n".join([*lines, ""]).encode())
        name = b""
        try:
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                    self.opened.set()
                elif line.startswith(b"data: "):
                    self._note(name, json.loads(line[6:])["number"])
        finally:
            writer.close()

    def late(self, commits: Mapping[str, list[float]]) -> list[float]:
        """Return how many milliseconds after its commit each comment was heard of."""
        late = []
        for number, times in commits.items():
            heard = self.heard.get(number, [])
            for at, next_at in zip(times, [*times[1:], float("inf")], strict=True):
                first = bisect_left(heard, at - EARLY)
                if first < len(heard) and heard[first] < next_at - EARLY:
                    late.append(1000 * max(0.0, heard[first] - at))
        return late

    def _note(self, name: bytes, number: str | None) -> None:
        if name == b"comment" and number:
            self.heard.setdefault(number, []).append(time.time())
        self.lists += name == b"inbox"


@dataclass(frozen=True)
class Measured:
    """Milliseconds from commit to client; MiB of all streams, and since all were open; CPU."""

    ms: list[float]
    events: int
    mib: float
    growth: float
    cpu: float
    alive: int


async def section(n: int) -> list[str]:
    """The same on both databases: streams stay open for `n` seconds, and another process writes."""
    return _told(n, await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, seconds: int) -> Measured:
    processes = ProcessGroup(folder, url=url)
    store = await Store.open(processes.database_url, migrate=True)
    tokens, numbers = await _sign_in(store), await _cases(store)
    await store.close()
    try:
        processes.temporal.start()
        processes.api.start()
        await processes.ready()
        await _warm(processes.url, tokens[0])
        return await _listen(processes, tokens, numbers, seconds)
    finally:
        processes.stop()


async def _listen(
    processes: ProcessGroup, tokens: Sequence[str], numbers: Sequence[str], seconds: int
) -> Measured:
    """Hold the streams open while another process writes."""
    server = psutil.Process(processes.api.pid)
    pages = [Page(numbers if place < ON_CASES else ()) for place in range(PAGES)]
    before = server.memory_info().rss
    async with _open(pages, processes.port, tokens) as tasks:
        opened, cpu_before = server.memory_info().rss, sum(server.cpu_times()[:2])
        began = time.perf_counter()
        commits = await _write(processes.database_url, seconds, numbers)
        cpu = (sum(server.cpu_times()[:2]) - cpu_before) / (time.perf_counter() - began)
        await asyncio.sleep(SETTLE_SECONDS)
        after = server.memory_info().rss
        alive = sum(not task.done() and page.lists > 0 for task, page in tasks)
    return Measured(
        ms=[ms for page in pages[:ON_CASES] for ms in page.late(commits)],
        events=sum(map(len, commits.values())),
        mib=(after - before) / MIB,
        growth=(after - opened) / MIB,
        cpu=cpu,
        alive=alive,
    )


@asynccontextmanager
async def _open(
    pages: Sequence[Page], port: int, tokens: Sequence[str]
) -> AsyncIterator[list[tuple[asyncio.Task[None], Page]]]:
    """All streams are open."""
    tasks = [asyncio.create_task(p.listen(port, t)) for p, t in zip(pages, tokens, strict=True)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(page.opened.wait() for page in pages))
    try:
        yield list(zip(tasks, pages, strict=True))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sign_in(store: Store) -> list[str]:
    """Return a session for each page, of an agent of its own."""
    tokens = []
    for place in range(PAGES):
        await store.people.add_staff(TENANT, f"agent.{place}", "客服", ["agent"])
        tokens.append(
            await store.staff_sessions.open(
                TENANT, f"agent.{place}", method="password", device="-", limits=LIMITS
            )
        )
    return tokens


async def _cases(store: Store) -> list[str]:
    hand_in()
    numbers = []
    for _ in range(CASES):
        case = sample_cases.opened(TENANT)
        await store.recorder.write(sample_cases.update_after(case))
        numbers.append(case.opening.number)
    return numbers


async def _warm(url: str, token: str) -> None:
    """Ask for a page, so that what the process reads once is not counted."""
    async with httpx.AsyncClient(base_url=url, cookies={COOKIE: token}, timeout=60) as http:
        (await http.get("/inbox")).raise_for_status()


async def _write(url: str, seconds: int, numbers: Sequence[str]) -> Mapping[str, list[float]]:
    command = (sys.executable, "-m", "bench.streams_writer", url, str(seconds), *numbers)
    writer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await writer.communicate()
    if writer.returncode:
        raise RuntimeError("the writer failed")
    return read_commits(out)


def _told(n: int, measured: Mapping[str, Measured]) -> list[str]:
    rows = [
        f"| {database} | {_shares(each.ms)} | {each.events * ON_CASES - len(each.ms)} of "
        f"{each.events * ON_CASES:,} | {each.alive} of {PAGES} | {each.mib:.0f} "
        f"| {each.growth:.0f} | {each.cpu:.0%} |"
        for database, each in measured.items()
    ]
    worst = max(at_share(each.ms, 0.95) for each in measured.values())
    most = max(each.mib for each in measured.values())
    return [
        f"## Open streams: {PAGES} over HTTP",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"{PAGES} streams of as many people to one API process, {ON_CASES} of pages that show",
            "the cases and the others of lists; another process comments on these cases",
            f"{EVENTS_A_SECOND} times a second for {n} seconds, and one process listens.",
            "Milliseconds from a commit to the client as p50 / p95 / p99: the worst p95 is",
            f"**{worst:.0f} ms** (goal < {GOAL_MS:.0f} ms). The streams cost **{most:.0f} MiB**",
            f"at most (goal < {GOAL_MIB:.0f} MiB): what the API's resident memory grew by, from",
            "before the first stream to the end, and, as growth, since all were open; CPU is the",
            "API's, of one core.",
        ),
        "",
        "| database | until a client hears | not heard | alive at the end | MiB | growth | CPU |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


def _shares(ms: list[float]) -> str:
    return " / ".join(f"{at_share(ms, share):.0f}" for share in (0.5, 0.95, 0.99))
