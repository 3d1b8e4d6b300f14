"""The oracle: is all that was acknowledged there, once, and alike in store and workflow?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.language.entries import Entry
from domain.read_models.projection import CaseView, Snapshot, fingerprint
from ops.incidents.retry import went_on
from ops.oracle.invariants import Finding, lives_until, of_history
from store import Store
from store.errors import CorruptRow
from temporal.names import CASES_QUERY, SNAPSHOT

AT_ONCE = 8
CATCH_UP = timedelta(seconds=30)
"""Longer than a batch takes whose worker died with it in its hands."""
PAUSE = timedelta(seconds=0.25)
AT_ITS_END = timedelta(minutes=1)
"""So close to its end a workflow may be over already."""

"""Only cases have it; what else runs there is none."""

PART = 1000
Reader = Callable[[str, str | None, int], Awaitable[list[str]]]
LOST = frozenset(
    {
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.CANCELED,
    }
)


def unheard(_done: int, _total: int) -> None:
    """For a caller who wants to hear nothing on the way."""


@dataclass(frozen=True)
class Oracle:
    """What is compared: a Temporal namespace and a store, for one tenant."""

    client: Client
    store: Store
    tenant: str = "default"
    catch_up: timedelta = CATCH_UP

    async def verify(
        self,
        acknowledged: Iterable[str] = (),
        progress: Callable[[int, int], None] = unheard,
        waiting: Callable[[int, int], None] = unheard,
    ) -> AsyncIterator[Finding]:
        """All that is wrong; nothing, if all is well.

        Args:
            acknowledged: numbers that a caller was told; each must be in workflow and store.
            progress: told how many cases are done of how many.
            waiting: told how many of those that were not well are by now, of how many.
        """
        recorded = {number async for number in _pages(self.store.cases.all_numbers, self.tenant)}
        told = {number async for number in _pages(self._acknowledged, self.tenant)}
        missing = (told | set(acknowledged)) - recorded
        async for finding in self._elsewhere(recorded, missing):
            yield finding
        found = await self._caught_up(
            await self._ill(sorted(missing | recorded), progress), waiting
        )
        for number in sorted(found):
            for finding in found[number]:
                yield finding

    async def case(self, number: str) -> list[Finding]:
        """All that is wrong with one case; one that just moves has a moment to catch up."""
        found = await self._caught_up(await self._ill([number]))
        return found.get(number, [])

    async def _ill(
        self, numbers: Sequence[str], progress: Callable[[int, int], None] = unheard
    ) -> dict[str, list[Finding]]:
        """The cases with which something is wrong now, and what."""
        found: dict[str, list[Finding]] = {}
        done = 0
        for some in _chunks(numbers):
            looks = await asyncio.gather(*(self._look(number) for number in some))
            found |= {number: look for number, look in zip(some, looks, strict=True) if look}
            done += len(some)
            progress(done, len(numbers))
        return found

    async def _caught_up(
        self,
        found: dict[str, list[Finding]],
        waiting: Callable[[int, int], None] = unheard,
    ) -> dict[str, list[Finding]]:
        """What is still wrong when all have had the same moment to catch up."""
        first, clock = len(found), asyncio.get_running_loop()
        until = clock.time() + self.catch_up.total_seconds()
        while found and clock.time() < until:
            waiting(first - len(found), first)
            await asyncio.sleep(PAUSE.total_seconds())
            found = await self._ill(sorted(found))
        return found

    async def _acknowledged(self, tenant: str, after: str | None, limit: int) -> list[str]:
        found = await self.store.intake.acknowledged(tenant, after, limit)
        return [each.number for each in found]

    async def _look(self, number: str) -> list[Finding]:
        try:
            return await self._look_at(number)
        except CorruptRow as error:
            return [Finding("unreadable", number, str(error))]

    async def _look_at(self, number: str) -> list[Finding]:
        entries = await self.store.entries.of(self.tenant, number)
        outbox = await self.store.outbox.of(self.tenant, number)
        tasks = await self.store.tasks.of(self.tenant, number)
        clocks = await self.store.clocks.of(self.tenant, number)
        row = await self.store.cases.get(self.tenant, number)
        if row is None:
            return [Finding("no_row", number, "the store has no row of it")]
        local_orders = await self.store.local_orders.of(self.tenant, number)
        found = of_history(row, entries, outbox, tasks, clocks, local_orders)
        return found or await self._same(row, entries)

    async def _elsewhere(self, recorded: set[str], missing: set[str]) -> AsyncIterator[Finding]:
        """What is wrong where no row of a case is."""
        async for finding in self._workflows(recorded, missing):
            yield finding
        for each in await self.store.orphans.of(self.tenant):
            if each.number not in missing:
                yield Finding("no_case", each.number, each.told)

    async def _workflows(self, recorded: set[str], missing: set[str]) -> AsyncIterator[Finding]:
        """Workflows that ended as none may; those without a row are added to the missing."""
        async for run in self.client.list_workflows(CASES_QUERY):
            if run.status in LOST and not await went_on(self.client, run):
                yield Finding("workflow_lost", run.id, f"its workflow is {run.status}")
            elif run.status is WorkflowExecutionStatus.RUNNING and run.id not in recorded:
                snapshot = await self._snapshot(run.id)
                if snapshot is None or snapshot.case.tenant == self.tenant:
                    missing.add(run.id)

    async def _same(self, row: CaseView, entries: Sequence[Entry]) -> list[Finding]:
        """Whether row and entries are what the workflow says, as long as there must be one."""
        until = lives_until(row, entries)
        if until is not None and until <= datetime.now(UTC) + AT_ITS_END:
            return []
        snapshot = await self._snapshot(row.number)
        if snapshot is None:
            return [Finding("no_workflow", row.number, "has no workflow, but must have one")]
        if row != snapshot.case:
            return [Finding("differs", row.number, _difference(row, snapshot.case))]
        if fingerprint(entries) != snapshot.fingerprint:
            return [Finding("entries_differ", row.number, "its entries are not the workflow's")]
        return []

    async def _snapshot(self, number: str) -> Snapshot | None:
        handle = self.client.get_workflow_handle(number)
        try:
            seen: Snapshot = await handle.query(SNAPSHOT, result_type=Snapshot)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return seen


async def _pages(read: Reader, tenant: str) -> AsyncIterator[str]:
    """All numbers of a list that is read by parts."""
    after: str | None = None
    while part := await read(tenant, after, PART):
        for number in part:
            yield number
        after = part[-1]


def _difference(row: CaseView, snapshot: CaseView) -> str:
    stored = row.model_dump()
    names = [k for k, v in snapshot.model_dump().items() if stored[k] != v]
    return f"store and workflow differ in {', '.join(names)}"


def _chunks(numbers: Sequence[str]) -> Iterable[Sequence[str]]:
    return (numbers[i : i + AT_ONCE] for i in range(0, len(numbers), AT_ONCE))
