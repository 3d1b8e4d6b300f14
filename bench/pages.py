"""How fast whole pages are, over HTTP and with their HTML, when the store is full."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import httpx

from bench.board import AGENTS, spread
from bench.both_databases import on_both_databases
from bench.fill import SEED, fill
from bench.live import LIMITS
from bench.machine import at_share, measured_on
from bench.page import paragraph
from bench.reads import AT_ONCE, IN_TURN, TOGETHER, Times, ask, shares
from bench.workbench import OPEN_SHARE, write_and_comment
from cases import CURRENT
from store import Store
from tests.support.agents import TENANT
from tests.support.process_group import ProcessGroup
from web.http.session import COOKIE

GOAL_MS: Final = 150.0
CASE_GOAL_MS: Final = 250.0
CASE: Final = "a case"
TEAM: Final = CURRENT["complaint"].team
READERS: Final = {"liu.yang": ("agent",), "wang.fang": ("lead",)}
SENT: Final = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}

Found = Mapping[str, Times]


async def section(n: int) -> list[str]:
    """The same on both databases, each filled anew."""
    return _told(n, await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, n: int) -> Found:
    """Through a real API process; no worker, since nothing moves."""
    processes = ProcessGroup(folder, url=url)
    numbers = await fill(processes.database_url, n, OPEN_SHARE)
    await write_and_comment(processes.database_url, numbers)
    await spread(processes.database_url)
    store = await Store.open(processes.database_url)
    tokens = await _sign_in(store)
    await store.close()
    try:
        processes.temporal.start()
        processes.api.start()
        await processes.ready()
        found: dict[str, Times] = {}
        for person, token in tokens.items():
            cookies = {COOKIE: token}
            async with httpx.AsyncClient(
                base_url=processes.url, cookies=cookies, headers=SENT, timeout=60
            ) as http:
                asked = _pages_of(person, numbers)
                found |= {name: await ask(http, path) for name, path in asked.items()}
        return found
    finally:
        processes.stop()


async def _sign_in(store: Store) -> Mapping[str, str]:
    """Return a session for each reader; others of the team hold the cases."""
    teams = sorted({process.team for process in CURRENT.values()})
    for team in teams:
        await store.people.add_team(TENANT, team, team)
    for each in range(AGENTS):
        await store.people.add_staff(TENANT, f"agent-{each}", "客服", ("agent",), (TEAM,))
    tokens = {}
    for person, roles in READERS.items():
        await store.people.add_staff(TENANT, person, "客服", roles, teams)
        tokens[person] = await store.staff_sessions.open(
            TENANT, person, method="password", device="-", limits=LIMITS
        )
    return tokens


def _pages_of(person: str, numbers: list[str]) -> Mapping[str, Callable[[], str]]:
    draw = random.Random(SEED)
    if person == "wang.fang":
        return {
            "the lead's board": lambda: "/board",
            "the board of a team": lambda: f"/board?team={TEAM}",
        }
    return {
        "inbox: my teams'": lambda: "/inbox?view=teams",
        "inbox: unassigned": lambda: "/inbox?view=unassigned",
        "inbox: all": lambda: "/inbox?view=all",
        "inbox: the list as it refreshes": lambda: "/inbox/list?view=unassigned",
        CASE: lambda: f"/cases/{draw.choice(numbers)}",
        "a case: its parts as they refresh": lambda: f"/cases/{draw.choice(numbers)}/parts",
        "search for a word": lambda: "/search?q=退款",
    }


def _told(n: int, found: Mapping[str, Found]) -> list[str]:
    rows = [
        f"| {database} | {name} | {shares(times.in_turn)} | {shares(times.together)} |"
        for database, by_name in found.items()
        for name, times in by_name.items()
    ]
    each = [(name, at_share(t.in_turn, 0.95)) for f in found.values() for name, t in f.items()]
    case = max(ms for name, ms in each if name.startswith(CASE))
    lists = max(ms for name, ms in each if not name.startswith(CASE))
    return [
        f"## Whole pages at {n:,} cases",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"Cases as above, {OPEN_SHARE:.0%} of them open, as a browser asks for them from a",
            "real API process, rendered and compressed; the client's own time is in it.",
            f"Milliseconds as p50 / p95 / p99. The worst p95 in turn is **{lists:.0f} ms** for",
            f"lists and the board (goal ≤ {GOAL_MS:.0f} ms) and **{case:.0f} ms** for a case",
            f"(goal ≤ {CASE_GOAL_MS:.0f} ms).",
        ),
        "",
        f"| database | what | {IN_TURN} in turn | {TOGETHER}, {AT_ONCE} at once |",
        "|---|---|---|---|",
        *rows,
    ]
