"""How fast lists and case pages are read, over HTTP, when the store is full."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.both_databases import on_both_databases
from bench.fill import OPEN_SHARE, SEED, fill
from bench.machine import at_share, measured_on
from bench.page import paragraph
from cases import CURRENT
from store import Store
from tests.support.agents import TENANT, agents
from tests.support.process_group import ProcessGroup

WARM, IN_TURN, AT_ONCE, TOGETHER = 20, 200, 8, 400
GOAL_MS = 50.0
READER = "liu.yang"


@dataclass(frozen=True)
class Times:
    """Milliseconds of each request: one after the other, and eight at once."""

    in_turn: list[float]
    together: list[float]


Found = Mapping[str, Times]


async def section(n: int) -> list[str]:
    """The same on both databases, each filled anew."""
    return _told(n, await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, n: int) -> Found:
    """Through a real API process; no worker, since nothing moves."""
    processes = ProcessGroup(folder, url=url)
    numbers = await fill(processes.database_url, n)
    store = await Store.open(processes.database_url)
    for process in CURRENT.values():
        await store.people.add_team(TENANT, process.team, process.team)
    people = await agents(store, processes.url)
    teams = [process.team for process in CURRENT.values()]
    await store.people.change(TENANT, READER, team_ids=teams)
    await store.close()
    try:
        processes.temporal.start()
        processes.api.start()
        await processes.ready()
        return await _ask_all(people.http(READER), numbers)
    finally:
        await people.close()
        processes.stop()


async def _ask_all(http: httpx.AsyncClient, numbers: list[str]) -> Found:
    draw = random.Random(SEED)
    paths: Mapping[str, Callable[[], str]] = {
        "tasks of my teams, first page": lambda: "/v1/tasks?scope=teams",
        "all tasks, first page": lambda: "/v1/tasks?scope=all",
        "cases, first page": lambda: "/v1/cases",
        "a case's page": lambda: f"/v1/cases/{draw.choice(numbers)}",
    }
    return {name: await ask(http, path) for name, path in paths.items()}


async def ask(http: httpx.AsyncClient, path: Callable[[], str]) -> Times:
    """Ask one after the other and then some at once, after a few times that do not count."""

    async def one() -> float:
        began = time.perf_counter()
        (await http.get(path())).raise_for_status()
        return 1000 * (time.perf_counter() - began)

    async def some(count: int) -> list[float]:
        return [await one() for _ in range(count)]

    await some(WARM)
    in_turn = await some(IN_TURN)
    together = await asyncio.gather(*(some(TOGETHER // AT_ONCE) for _ in range(AT_ONCE)))
    return Times(in_turn, [ms for each in together for ms in each])


def _told(n: int, found: Mapping[str, Found]) -> list[str]:
    rows = [
        f"| {database} | {name} | {shares(times.in_turn)} | {shares(times.together)} |"
        for database, by_name in found.items()
        for name, times in by_name.items()
    ]
    worst = max(at_share(t.in_turn, 0.95) for each in found.values() for t in each.values())
    return [
        f"## Reads at {n:,} cases",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"Cases of all kinds in every phase of their stories, {OPEN_SHARE:.0%} of them open,",
            "with tasks, clocks, messages and customers. Over HTTP from a real API process, 50",
            "lines a page; the client's own time is in it. Milliseconds as p50 / p95 / p99. The",
            f"worst p95 in turn is **{worst:.0f} ms** (goal < {GOAL_MS:.0f} ms).",
        ),
        "",
        f"| database | what | {IN_TURN} in turn | {TOGETHER}, {AT_ONCE} at once |",
        "|---|---|---|---|",
        *rows,
    ]


def shares(ms: list[float]) -> str:
    """Return the median, and the 95th and 99th percentiles."""
    return " / ".join(f"{at_share(ms, share):.0f}" for share in (0.5, 0.95, 0.99))
