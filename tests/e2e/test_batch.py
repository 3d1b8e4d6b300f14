"""A batch whose worker dies in the middle goes on, and each case takes the step exactly once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from domain.batches import BatchOutcome
from domain.engine.task_actions import MESSAGE
from store import Store
from store.batches.records import BatchItem
from tests.support.agents import TENANT, Agents, agents
from tests.support.process_group import ProcessGroup
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("batch")]
CASES, FEWER = 14, 6
MANAGER = "zhou.hang"
SAY = {"kind": "complaint", "step": "notify", "form": {"text": "我们会晚两天。"}}
WITHDRAW = {"kind": "complaint", "step": "withdraw", "reason": "The campaign is over."}


@dataclass
class System:
    """The running system, its store, and people who call its API."""

    processes: ProcessGroup
    store: Store
    people: Agents

    async def begin(self, key: str, **more: Any) -> str:
        """Start a batch and return its id."""
        answer = await self.people.ask(MANAGER, "/v1/batches", {**WITHDRAW, **more}, key)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def result_of(self, id: str) -> dict[str, int]:
        """Wait until the batch has ended, and return how many cases had which result."""

        async def ended() -> bool:
            found = await self.store.batches.get(TENANT, id)
            return found is not None and found.batch.ended_at is not None

        await until(ended)
        found = await self.store.batches.get(TENANT, id)
        assert found is not None
        return found.counts

    async def done(self, id: str) -> int:
        """Return how many cases are done by now."""
        found = await self.store.batches.get(TENANT, id)
        assert found is not None
        return found.counts.get("done", 0)


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    # Few tasks at a time, so that the worker can be killed while most is still to do.
    processes = ProcessGroup(
        tmp_path_factory.mktemp("batch"),
        worker="tests.support.short_timeouts worker",
        more={"BANJIE_WORKFLOW_TASKS": "2"},
    )
    await processes.start()
    store = await Store.open(processes.database_url)
    people = await agents(store, processes.url)
    try:
        yield System(processes, store, people)
    finally:
        await people.close()
        await store.close()
        processes.stop()


async def test_a_killed_worker_costs_nothing_and_doubles_nothing(system: System) -> None:
    numbers = await asyncio.gather(*(system.people.start(n) for n in range(CASES)))
    id = await system.begin("all")

    async def in_the_middle() -> bool:
        return await system.done(id) >= 3

    await until(in_the_middle)
    system.processes.worker.kill()
    before = await system.done(id)
    assert before < CASES, "it was over before the kill"
    system.processes.worker.start()
    assert await system.result_of(id) == {"done": CASES}
    for number in numbers:

        async def withdrawn(number: str = number) -> bool:
            case = await system.store.cases.get(TENANT, number)
            return case is not None and case.state == "withdrawn"

        await until(withdrawn)
        entries = await system.store.entries.of(TENANT, number)
        assert [entry.step for entry in entries].count("withdraw") == 1
    acts = await system.store.audit_log.events(TENANT, 1000, "batch.applied")
    assert sorted(act.subject for act in acts) == sorted(numbers)
    assert await system.begin("all") == id, "the same key is the same batch"


async def test_one_that_is_stopped_in_the_middle_leaves_the_rest(system: System) -> None:
    numbers = await asyncio.gather(*(system.people.start(n) for n in range(CASES, CASES + FEWER)))
    system.processes.worker.kill()  # so that the word to stop is there before the second part
    id = await system.begin("stopped", where={"state": "received"})
    answer = await system.people.ask(MANAGER, f"/v1/batches/{id}/cancel", {}, "stop")
    assert answer.is_success
    system.processes.worker.start()
    counts = await system.result_of(id)
    assert counts.get("cancelled", 0) > 0
    assert sum(counts.values()) == FEWER
    states = [await system.store.cases.get(TENANT, number) for number in numbers]
    left = [case for case in states if case is not None and case.state == "received"]
    assert len(left) == counts["cancelled"]


async def test_messages_to_many_are_said_once_or_never(system: System) -> None:
    """A dry run first, then a batch whose worker is killed and that is cancelled in the middle."""
    numbers = await asyncio.gather(*(system.people.start(100 + n) for n in range(CASES)))
    where = {"state": "received"}
    tried = await system.result_of(await system.begin("tried", **SAY, where=where, dry_run=True))
    assert tried["would"] >= CASES
    assert not await _notified_cases(system, numbers), "a dry run says nothing"
    id = await system.begin("say", **SAY, where=where)

    async def in_the_middle() -> bool:
        return await system.done(id) >= 3

    await until(in_the_middle)
    system.processes.worker.kill()
    assert (await system.people.ask(MANAGER, f"/v1/batches/{id}/cancel", {}, "enough")).is_success
    system.processes.worker.start()
    counts = await system.result_of(id)
    assert counts.keys() == {"done", "cancelled"}
    done_numbers = [item.number async for item in _done(system, id)]

    async def recorded() -> bool:
        return sorted(await _notified_cases(system, done_numbers)) == sorted(done_numbers)

    await until(recorded)
    assert not await _notified_cases(system, sorted(set(numbers) - set(done_numbers)))


async def _done(system: System, id: str) -> AsyncIterator[BatchItem]:
    page = await system.store.batch_items.page(TENANT, id, BatchOutcome.DONE, 0, 500)
    for item in page.items:
        yield item


async def _notified_cases(system: System, numbers: Sequence[str]) -> list[str]:
    """Return the numbers of these cases, once for each message to the customer."""
    rows = [row for number in numbers for row in await system.store.outbox.of(TENANT, number)]
    return [row.number for row in rows if row.template == MESSAGE]
