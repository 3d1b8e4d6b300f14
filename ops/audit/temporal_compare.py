"""Compares stored entries with Temporal's histories, or with the archive once Temporal forgot."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.findings import Finding
from runtime.message import Message
from store import Store
from store.archive import Archive, ArchiveDamaged
from temporal.histories import case_input_of, entries_of, fetch_history
from temporal.names import CASES_QUERY

AT_ONCE = 8
PAGE = 1000
UNREACHABLE = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNAUTHENTICATED,
}
"""What Temporal answers if it is at fault, and not one case."""
ATTEMPTS, PAUSE = 40, 0.25
"""A case that is just moving has ten seconds to be recorded."""


@dataclass(frozen=True)
class TemporalComparison:
    """Compares a store with a Temporal namespace; the archive stands in for forgotten runs."""

    client: Client
    store: Store
    archive: Archive
    tenant: str = "default"

    async def compare(self) -> AsyncIterator[tuple[str, Finding | None]]:
        """Yield each stored case with its finding, then the cases that the store does not know."""
        stored_numbers: set[str] = set()
        after: str | None = None
        while numbers := await self.store.cases.all_numbers(self.tenant, after, PAGE):
            stored_numbers.update(numbers)
            after = numbers[-1]
            for start in range(0, len(numbers), AT_ONCE):
                some = numbers[start : start + AT_ONCE]
                findings = await asyncio.gather(*(self.compare_case(number) for number in some))
                for number, finding in zip(some, findings, strict=True):
                    yield number, finding
        async for run in self.client.list_workflows(CASES_QUERY):
            if run.id not in stored_numbers:
                stored_numbers.add(run.id)
                if finding := await self._not_stored(run.id):
                    yield run.id, finding

    async def compare_case(self, number: str) -> Finding | None:
        """Return the first entry of a case that is not the history's."""
        finding = None
        for _ in range(ATTEMPTS):
            stored = await self.store.entries.of(self.tenant, number)
            try:
                in_history = await self._history_entries(number)
            except ArchiveDamaged as error:
                return Finding("archive_damaged", str(error), number)
            except ValueError:
                return Finding("history_unreadable", Message("its history cannot be read"), number)
            except RPCError as error:
                if error.status in UNREACHABLE:
                    raise
                why = Message(
                    "Temporal does not give its history (%(name)s)", name=error.status.name
                )
                return Finding("history_unreadable", why, number)
            if in_history is None:
                return Finding(
                    "no_history", Message("neither Temporal nor the archive knows it"), number
                )
            finding = first_difference(number, stored, in_history, "history_differs")
            if finding is None or len(stored) >= len(in_history):
                break
            await asyncio.sleep(PAUSE)
        return finding

    async def _not_stored(self, number: str) -> Finding | None:
        """Return a finding for a workflow without a row, if it is a case of this tenant."""
        for _ in range(ATTEMPTS):
            if await self.store.cases.get(self.tenant, number):
                return None
            history = await fetch_history(self.client, number)
            if history is None or await self._tenant_of(history) != self.tenant:
                return None
            await asyncio.sleep(PAUSE)
        return Finding("case_missing", Message("Temporal has it, the database does not"), number)

    async def _history_entries(self, number: str) -> list[Entry] | None:
        history = await fetch_history(self.client, number)
        if history is not None:
            return await entries_of(self.client.data_converter, history.events)
        runs = await self.archive.runs(self.tenant, number)
        return list((await self.archive.read_current(runs[-1])).entries) if runs else None

    async def _tenant_of(self, history: WorkflowHistory) -> str | None:
        case_input = await case_input_of(self.client.data_converter, history.events)
        return case_input.opening.tenant if case_input else None


def first_difference(
    number: str, stored: Sequence[Entry], expected: Sequence[Entry], code: str
) -> Finding | None:
    """Return a finding for the first stored entry that is not the expected one."""
    for seq, (ours, theirs) in enumerate(zip_longest(stored, expected), start=1):
        if ours is None:
            return Finding(code, Message("it is not in the database"), number, seq)
        if theirs is None:
            return Finding(code, Message("it is in the database alone"), number, seq)
        if entry_hash(ours) != entry_hash(theirs):
            return Finding(code, Message("the database has another one"), number, seq)
    return None
