"""What one complaint costs in Temporal: events, bytes and billable actions."""

import asyncio
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from api.desk import Desk
from store import Store
from store.records import Contact, CustomerGiven, Reservation, Reserved
from tests.support.cases import WHOLE_COMPLAINT, opening, request
from tests.support.engine import Engine, running
from tests.support.waiting import until

ACTION = re.compile(r'^action\{action_type="(?P<type>\w+)",namespace="default".*\} (?P<n>\d+)$')


@dataclass(frozen=True)
class Cost:
    """Of one complaint of seven steps, one request each, from start to closed."""

    events: int
    bytes: int
    actions: int
    by_type: dict[str, int]


async def measure() -> Cost:
    """Take one complaint through, on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as engine:
            number = await _complaint(engine)
            history = await engine.client.get_workflow_handle(number).fetch_history()
            size = sum(event.ByteSize() for event in history.events)
            by_type = await _settled(engine)
            return Cost(len(history.events), size, sum(by_type.values()), by_type)


async def _complaint(engine: Engine) -> str:
    """From start to closed, without looking on: a query would be an action of its own."""
    desk, reserved = Desk(engine.client), await _reserve(engine.store)
    await desk.start(opening(reserved.number, customer=reserved.customer))
    for index, deeds in enumerate(WHOLE_COMPLAINT):
        last = index == len(WHOLE_COMPLAINT) - 1
        await until(partial(_is_in, engine.store, reserved.number, "following_up" if last else ""))
        await desk.take(reserved.number, request(f"{reserved.number}-{index}", *deeds))
    return reserved.number


async def _reserve(store: Store) -> Reserved:
    """A number, and a customer who can be told, as a start through the API makes them."""
    now = datetime.now(UTC)
    phone = CustomerGiven(contacts=(Contact("phone", "13800000000"),))
    wanted = Reservation(
        prefix="TS",
        day=now.date(),
        digest="-",
        now=now,
        key=("bench", "1"),
        source="bench",
        customer=phone,
    )
    return await store.intake.reserve("default", wanted)


async def _is_in(store: Store, number: str, state: str) -> bool:
    row = await store.cases.get("default", number)
    return row is not None and state in ("", row.state)


async def _settled(engine: Engine) -> dict[str, int]:
    """The server's own count, when it no longer changes."""
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
    return before
