"""kill -9 of the worker in the midst of a merge: both cases come to what they would have been."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.language.entries import EntryType
from ops.oracle.oracle import Oracle
from store import Store
from store.outbox.records import Delivery
from temporal.connection import connect
from tests.support.agents import TENANT, Agents
from tests.support.exactly_once import check_exactly_once
from tests.support.process_group import ProcessGroup, ServiceProcess
from tests.support.stalling_merge import AFTER, BEFORE
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]

BY = "chen.min"
CUSTOMER = {"name": "周平", "contacts": [{"kind": "phone", "value": "13900000001"}]}
CATCHING_UP = timedelta(seconds=60)
ASKED_OF = {"merge": EntryType.JOINED, "unmerge": EntryType.PARTED}
"""What the case that goes on has in its history as soon as it took what it was asked."""


@pytest.fixture(scope="module")
async def processes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessGroup]:
    folder = tmp_path_factory.mktemp("merges")
    processes = ProcessGroup(folder, worker="tests.support.short_timeouts worker")
    await processes.start()
    yield processes
    processes.stop()


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
async def test_a_worker_killed_between_the_two_workflows(
    processes: ProcessGroup, store: Store, people: Agents, tmp_path: Path, moment: str
) -> None:
    first, second = [await start(people, f"{moment}-{n}") for n in range(2)]
    merge = Merge(processes, store, people, tmp_path, moment, first, second)
    await killed_during(merge, "merge")
    assert await state(store, second) == "merged"
    await people.ask("shop", f"/v1/cases/{second}/comments", {"body": "在吗？"}, f"c-{moment}")
    await killed_during(merge, "unmerge")
    assert await state(store, second) == await state(store, first) == "received"

    assert await types(store, second) == {
        EntryType.OPENED: 1,
        EntryType.MERGE_ASKED: 1, EntryType.MERGED: 1,
        EntryType.UNMERGE_ASKED: 1, EntryType.UNMERGED: 1,
    }  # fmt: skip
    assert await types(store, first) == {
        EntryType.OPENED: 1, EntryType.JOINED: 1, EntryType.PARTED: 1,
    }  # fmt: skip

    async def all_told() -> bool:
        return not await store.outbox_queue.page(TENANT, Delivery.PENDING, 1)

    await until(all_told)
    assert (await check_exactly_once(store, [first, second])).faults == []
    oracle = Oracle(await connect(processes.temporal.target), store, catch_up=CATCHING_UP)
    assert [f async for f in oracle.verify(acknowledged=[first, second])] == []


async def start(people: Agents, ref: str) -> str:
    body: dict[str, Any] = {"kind": "complaint", "channel": "app", "customer": CUSTOMER}
    return await people.open("shop", ref, {**body, "form": {"words": f"屏碎了 {ref}"}})


@dataclass(frozen=True)
class Merge:
    """Two cases of which the second is merged into the first, and when the worker is killed."""

    processes: ProcessGroup
    store: Store
    people: Agents
    folder: Path
    moment: str
    first: str
    second: str


async def killed_during(merge: Merge, act: str) -> None:
    """Merge two cases, or take that back; the worker is killed before or after the other's answer.

    Whoever asks for it asks again until it is answered, under one key.
    """
    processes, store, moment = merge.processes, merge.store, merge.moment
    first, second = merge.first, merge.second
    before = (await types(store, first))[ASKED_OF[act]]
    asked = (await types(store, second))[f"{act}_asked"]
    processes.worker.stop()
    module = f"tests.support.stalling_merge {moment} worker"
    stalling = ServiceProcess(module, processes.worker._env, merge.folder / "stalling.log")
    stalling.start()
    form = {"reason": "同一件事"} | ({"into": first} if act == "merge" else {})
    asking = asyncio.create_task(
        merge.people.ask(BY, f"/v1/cases/{second}/{act}", form, f"{act}-{second}")
    )
    try:

        async def is_the_moment() -> bool:
            if moment == AFTER:
                return (await types(store, first))[ASKED_OF[act]] > before
            return (await types(store, second))[f"{act}_asked"] > asked

        await until(is_the_moment)
        assert (await store.entries.of(TENANT, second))[-1].type == f"{act}_asked"
        assert (await types(store, first))[ASKED_OF[act]] == before + (moment == AFTER)
    finally:
        stalling.kill()
        processes.worker.start()
    answer = await asking
    assert answer.is_success, answer.text
    done = {"merge": EntryType.MERGED, "unmerge": EntryType.UNMERGED}[act]

    async def is_done() -> bool:
        return (await store.entries.of(TENANT, second))[-1].type is done

    await until(is_done)


async def types(store: Store, number: str) -> Counter[str]:
    """How many entries of each type a case has, but for those of the customer's messages."""
    entries = await store.entries.of(TENANT, number)
    return Counter(entry.type for entry in entries if entry.type is not EntryType.HEARD)


async def state(store: Store, number: str) -> str:
    row = await store.cases.get(TENANT, number)
    assert row is not None
    return row.state
