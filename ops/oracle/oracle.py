"""The oracle: is everything acknowledged there, once, and the same in store and workflow?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from domain.language.entries import Entry
from domain.read_models.projection import CaseView
from domain.read_models.snapshot import Snapshot, fingerprint
from ops.archive.runs import is_lost
from ops.findings import Finding
from ops.oracle.invariants import history_findings, workflow_ends_at
from runtime.message import Message
from store import Store
from store.errors import CorruptRow
from temporal.histories import case_input_of, fetch_history
from temporal.names import CASES_QUERY, SNAPSHOT
from temporal.task_queues import has_worker

AT_ONCE = 8
PAGE = 1000
CATCH_UP = timedelta(seconds=30)
"""Longer than a batch of entries takes whose worker died before it was recorded."""
PAUSE = timedelta(seconds=0.25)
QUERY_TIMEOUT = timedelta(seconds=10)
NEAR_ITS_END = timedelta(minutes=1)
"""So close to its end a workflow may be over already."""

Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""


class NoAnswer(Exception):
    """The workflow of a case answers no query, though workers run; the message says how."""


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Oracle:
    """Compares a Temporal namespace with a store, for one tenant.

    `catch_up` is how long a case that is just moving has until store and workflow must agree.
    """

    client: Client
    store: Store
    tenant: str = "default"
    catch_up: timedelta = CATCH_UP

    async def verify(
        self,
        acknowledged: Iterable[str] = (),
        progress: Progress = silent,
        waiting: Progress = silent,
    ) -> AsyncIterator[Finding]:
        """Yield everything that is wrong with any case.

        Args:
            acknowledged: numbers that a caller was given; each must be in workflow and store.
            progress: called with how many cases are done.
            waiting: called with how many of the cases that were not sound are sound by now.
        """
        recorded = {number async for number in _all(self.store.cases.all_numbers, self.tenant)}
        reserved = {number async for number in _all(self._acknowledged, self.tenant)}
        missing = (reserved | set(acknowledged)) - recorded
        async for finding in self._outside_cases(recorded, missing):
            yield finding
        unsound = await self._unsound(sorted(missing | recorded), progress)
        unsound = await self._catch_up(unsound, waiting)
        for number in sorted(unsound):
            for finding in unsound[number]:
                yield finding

    async def case(self, number: str) -> list[Finding]:
        """Return everything that is wrong with one case, after it had time to catch up."""
        unsound = await self._catch_up(await self._unsound([number]))
        return unsound.get(number, [])

    async def _unsound(
        self, numbers: Sequence[str], progress: Progress = silent
    ) -> dict[str, list[Finding]]:
        """Return the cases that have findings now."""
        unsound: dict[str, list[Finding]] = {}
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            findings = await asyncio.gather(*(self._case_findings(number) for number in some))
            unsound |= {number: each for number, each in zip(some, findings, strict=True) if each}
            progress(start + len(some), len(numbers))
        return unsound

    async def _catch_up(
        self, unsound: dict[str, list[Finding]], waiting: Progress = silent
    ) -> dict[str, list[Finding]]:
        """Return the cases that still have findings after all had the same time to catch up."""
        total, clock = len(unsound), asyncio.get_running_loop()
        until = clock.time() + self.catch_up.total_seconds()
        while unsound and clock.time() < until:
            waiting(total - len(unsound), total)
            await asyncio.sleep(PAUSE.total_seconds())
            unsound = await self._unsound(sorted(unsound))
        return unsound

    async def _case_findings(self, number: str) -> list[Finding]:
        try:
            return await self._compare(number)
        except CorruptRow as error:
            return [Finding("unreadable", str(error), number)]
        except NoAnswer as error:
            why = Message(
                "its workflow does not answer (%(error)s); see `banjie ops incidents %(number)s`",
                error=error,
                number=number,
            )
            return [Finding("no_answer", why, number)]

    async def _compare(self, number: str) -> list[Finding]:
        entries = await self.store.entries.of(self.tenant, number)
        outbox = await self.store.outbox.of(self.tenant, number)
        tasks = await self.store.tasks.of(self.tenant, number)
        clocks = await self.store.clocks.of(self.tenant, number)
        row = await self.store.cases.get(self.tenant, number)
        if row is None:
            return [Finding("no_row", Message("the store has no row of it"), number)]
        local_orders = await self.store.local_orders.of(self.tenant, number)
        findings = history_findings(row, entries, outbox, tasks, clocks, local_orders)
        return findings or await self._compare_workflow(row, entries)

    async def _compare_workflow(self, row: CaseView, entries: Sequence[Entry]) -> list[Finding]:
        """Compare row and entries with the workflow, as long as there must be one."""
        ends_at = workflow_ends_at(row, entries)
        if ends_at is not None and ends_at <= datetime.now(UTC) + NEAR_ITS_END:
            return []
        snapshot = await self._snapshot(row.number)
        if snapshot is None:
            return [
                Finding("no_workflow", Message("has no workflow, but must have one"), row.number)
            ]
        if row != snapshot.case:
            return [Finding("differs", _row_difference(row, snapshot.case), row.number)]
        if fingerprint(entries) != snapshot.fingerprint:
            return [
                Finding("entries_differ", Message("its entries are not the workflow's"), row.number)
            ]
        return []

    async def _outside_cases(self, recorded: set[str], missing: set[str]) -> AsyncIterator[Finding]:
        """Yield what is wrong where there is no row of a case."""
        async for finding in self._workflows(recorded, missing):
            yield finding
        for orphan in await self.store.orphans.of(self.tenant):
            if orphan.number not in missing:
                yield Finding("no_case", orphan.summary, orphan.number)

    async def _workflows(self, recorded: set[str], missing: set[str]) -> AsyncIterator[Finding]:
        """Yield workflows that were ended from outside; add those without a row to the missing."""
        async for run in self.client.list_workflows(CASES_QUERY):
            if await is_lost(self.client, run):
                yield Finding(
                    "workflow_lost",
                    Message("its workflow is %(status)s", status=run.status),
                    run.id,
                )
                continue
            is_missing = run.status is WorkflowExecutionStatus.RUNNING and run.id not in recorded
            if is_missing and await self._tenant_of(run.id) in {self.tenant, None}:
                missing.add(run.id)

    async def _tenant_of(self, number: str) -> str | None:
        """Return whose case a workflow is, from what it began with; None if that tells nothing."""
        history = await fetch_history(self.client, number)
        with suppress(ValueError):
            events = history.events if history else ()
            case_input = await case_input_of(self.client.data_converter, events)
            return case_input.opening.tenant if case_input else None
        return None

    async def _acknowledged(self, tenant: str, after: str | None, limit: int) -> list[str]:
        answers = await self.store.intake.answered(tenant, after, limit)
        return [answer.number for answer in answers]

    async def _snapshot(self, number: str) -> Snapshot | None:
        """Return what the case's workflow says; None if there is none.

        Raises:
            NoAnswer: this case alone does not answer.
            RPCError: Temporal does not answer, or no worker runs.
        """
        handle = self.client.get_workflow_handle(number)
        try:
            snapshot: Snapshot = await handle.query(
                SNAPSHOT, result_type=Snapshot, rpc_timeout=QUERY_TIMEOUT
            )
        except (WorkflowQueryFailedError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            queue = (await handle.describe()).task_queue
            if not await has_worker(self.client, queue):
                raise
            raise NoAnswer(error.status.name) from error
        return snapshot


async def _all(
    read: Callable[[str, str | None, int], Awaitable[list[str]]], tenant: str
) -> AsyncIterator[str]:
    """Yield all numbers of a list that is read page by page."""
    after: str | None = None
    while page := await read(tenant, after, PAGE):
        for number in page:
            yield number
        after = page[-1]


def _row_difference(row: CaseView, snapshot: CaseView) -> str:
    stored = row.model_dump()
    names = [name for name, value in snapshot.model_dump().items() if stored[name] != value]
    return Message("store and workflow differ in %(names)s", names=[*names])
