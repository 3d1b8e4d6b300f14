"""Are the database's entries those of Temporal's histories, or of the archive once it forgot?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from temporalio.client import Client, WorkflowHistory

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.findings import Finding
from store import Store
from store.archive import Archive, ArchiveDamaged
from temporal.histories import case_input_of, entries_of, fetch_history
from temporal.names import CASES_QUERY

AT_ONCE = 8
PAGE = 1000
LOOKS, PAUSE = 40, 0.25
"""A case that just moves has ten seconds to be recorded."""


@dataclass(frozen=True)
class TemporalComparison:
    """What is held against each other: a store and an engine; the archive stands in for that."""

    client: Client
    store: Store
    archive: Archive
    tenant: str = "default"

    async def compare(self) -> AsyncIterator[tuple[str, Finding | None]]:
        """Each case, with what is wrong with it; then those that the database does not know."""
        known: set[str] = set()
        after: str | None = None
        while numbers := await self.store.cases.all_numbers(self.tenant, after, PAGE):
            known.update(numbers)
            after = numbers[-1]
            for start in range(0, len(numbers), AT_ONCE):
                some = numbers[start : start + AT_ONCE]
                findings = await asyncio.gather(*(self.case(number) for number in some))
                for found in zip(some, findings, strict=True):
                    yield found
        async for run in self.client.list_workflows(CASES_QUERY):
            if run.id not in known:
                known.add(run.id)
                if finding := await self._unknown(run.id):
                    yield run.id, finding

    async def case(self, number: str) -> Finding | None:
        """The first entry of a case that is not the history's."""
        finding = None
        for _ in range(LOOKS):
            stored = await self.store.entries.of(self.tenant, number)
            try:
                wanted = await self._history(number)
            except ArchiveDamaged as error:
                return Finding("archive_damaged", str(error), number)
            if wanted is None:
                return Finding("no_history", "neither Temporal nor the archive knows it", number)
            finding = first_difference(number, stored, wanted, "history_differs")
            if finding is None or len(stored) >= len(wanted):
                break
            await asyncio.sleep(PAUSE)
        return finding

    async def _unknown(self, number: str) -> Finding | None:
        """A workflow without a row, if it is a case of this tenant's that was recorded."""
        for _ in range(LOOKS):
            if await self.store.cases.get(self.tenant, number):
                return None
            history = await fetch_history(self.client, number)
            if history is None or await self._tenant(history) != self.tenant:
                return None
            await asyncio.sleep(PAUSE)
        return Finding("case_missing", "Temporal has it, the database does not", number)

    async def _history(self, number: str) -> list[Entry] | None:
        history = await fetch_history(self.client, number)
        if history is not None:
            return await entries_of(self.client.data_converter, history.events)
        runs = await self.archive.runs(self.tenant, number)
        return list((await self.archive.read_now(runs[-1])).entries) if runs else None

    async def _tenant(self, history: WorkflowHistory) -> str | None:
        case_input = await case_input_of(self.client.data_converter, history.events)
        return case_input.opening.tenant if case_input else None


def first_difference(
    number: str, stored: Sequence[Entry], wanted: Sequence[Entry], code: str
) -> Finding | None:
    """The first entry that is not alike in both."""
    for seq, (ours, theirs) in enumerate(zip_longest(stored, wanted), start=1):
        if ours is None:
            return Finding(code, "it is not in the database", number, seq)
        if theirs is None:
            return Finding(code, "it is in the database alone", number, seq)
        if entry_hash(ours) != entry_hash(theirs):
            return Finding(code, "the database has another one", number, seq)
    return None
