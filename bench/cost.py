"""Measure what one complaint costs in Temporal: events, bytes of history, billable actions."""

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from temporalio.api.enums.v1 import EventType

from bench.customer import reserve
from bench.machine import measured_on
from bench.page import paragraph
from bench.short_policy import BRISK, SLOW, Pace, publish_short_hours
from domain.language.entries import EntryType
from store import Store
from temporal.case_client import CaseClient
from tests.support.cases import opening, request
from tests.support.engine import Engine, running
from tests.support.waiting import until

ACTION = re.compile(r'^action\{action_type="(?P<type>\w+)",namespace="default".*\} (?P<n>\d+)$')
GOALS = {BRISK.name: (110, 24), SLOW.name: (190, 36)}


@dataclass(frozen=True)
class Cost:
    """The cost of one complaint of seven steps, one request each, from start to closed."""

    events: Mapping[str, int]
    bytes: int
    actions: Mapping[str, int]
    entries: int


async def section(_n: int) -> list[str]:
    """Measure both paces at once, each on a server of its own, and return the page's part."""
    paces = (BRISK, SLOW)
    policy = publish_short_hours()
    turn = asyncio.Lock()
    costs = await asyncio.gather(*(_measure(pace, policy, turn) for pace in paces))
    return _page_lines(dict(zip((pace.name for pace in paces), costs, strict=True)))


async def _measure(pace: Pace, policy: str, turn: asyncio.Lock) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            async with turn:  # a process can migrate one database at a time
                engine = await stack.enter_async_context(running(Path(folder)))
            return await _counted(engine, pace, policy)


async def _counted(engine: Engine, pace: Pace, policy: str) -> Cost:
    number = await _complaint(engine, pace, policy)
    entries = await engine.store.entries.of("default", number)
    warned = sum(entry.type is EntryType.WARNED for entry in entries)
    others = {entry.type for entry in entries} & {EntryType.BREACHED, EntryType.INFORMED}
    assert (warned, others) == (pace.warnings, set()), f"{warned} warnings, {others}"
    history = await engine.client.get_workflow_handle(number).fetch_history()
    kinds = Counter(EventType.Name(event.event_type) for event in history.events)
    size = sum(event.ByteSize() for event in history.events)
    return Cost(kinds, size, await _counted_actions(engine), len(entries))


async def _complaint(engine: Engine, pace: Pace, policy: str) -> str:
    """Take a complaint from start to closed, without queries, which are actions of their own."""
    case_client, reserved = CaseClient(engine.client), await reserve(engine.store)
    number = reserved.number
    loop = asyncio.get_running_loop()
    began = loop.time()
    await case_client.start(opening(number, customer=reserved.customer, policy_version=policy))
    for index, (commands, at) in enumerate(zip(pace.requests(), pace.at, strict=True)):
        if commands[0][0] == "follow_up":
            await until(partial(_is_in, engine.store, number, "following_up"))
            began = loop.time()
        await asyncio.sleep(began + at - loop.time())
        await case_client.submit(number, request(f"{number}-{index}", *commands))
    return number


async def _is_in(store: Store, number: str, state: str) -> bool:
    row = await store.cases.get("default", number)
    return row is not None and row.state == state


async def _counted_actions(engine: Engine) -> dict[str, int]:
    """Return the server's own count of actions, once it no longer changes."""
    url = f"http://127.0.0.1:{engine.server.metrics_port}/metrics"
    async with httpx.AsyncClient() as http:
        before: dict[str, int] = {}
        for _ in range(20):
            text = (await http.get(url)).text
            now = {m["type"]: int(m["n"]) for m in map(ACTION.match, text.splitlines()) if m}
            if now and now == before:
                return now
            before = now
            await asyncio.sleep(1)
    raise RuntimeError("the server's count of actions does not settle")


def _page_lines(costs: Mapping[str, Cost]) -> list[str]:
    rows = [
        f"| {name} | {sum(cost.events.values())} (goal {GOALS[name][0]}) | {cost.bytes:,} "
        f"| {sum(cost.actions.values())} (goal {GOALS[name][1]}) | {cost.entries} |"
        for name, cost in costs.items()
    ]
    split = [*_rows_by_type([cost.events for cost in costs.values()])]
    split += _rows_by_type([cost.actions for cost in costs.values()])
    return [
        "## What one complaint costs in Temporal",
        "",
        measured_on(),
        "",
        paragraph(
            "Seven steps, one request each, from start to closed, all clocks met, the outcome told",
            "by an activity; paced as in life: real timers run out between the steps. The policy",
            "is the manual's with shorter hours (an hour lasts half a second, the first quarter of",
            "an hour four), its moments in the same order; nothing is skipped. The eight warnings",
            "are a quality problem's: half and three quarters of its response, solution,",
            "resolution and follow-up. Solution and resolution count from the same moment, so",
            "theirs come in pairs.",
        ),
        "",
        "| case | events | bytes of history | actions | entries |",
        "|---|---|---|---|---|",
        *rows,
        "",
        "Events by type, and actions by the server's own count (read when it no longer changed):",
        "",
        f"| | {' | '.join(costs)} |",
        "|---|" + "---|" * len(costs),
        *split,
    ]


def _rows_by_type(counts: Sequence[Mapping[str, int]]) -> Iterator[str]:
    for kind in sorted({kind for each in counts for kind in each}):
        shown = " | ".join(str(each.get(kind, 0)) for each in counts)
        yield f"| {kind.removeprefix('EVENT_TYPE_').lower()} | {shown} |"
