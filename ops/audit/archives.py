"""Are the archived runs whole, and are their entries those that the ledger knows?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import ParseError
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from domain.chain import entry_hash, first_break
from ops.audit.faults import Fault
from ops.audit.histories import entries_of
from store import Store
from store.archive import Archive, ArchiveDamaged, Bundle
from workflows.names import RECORD

STARTED = "workflowExecutionStartedEventAttributes"
SCHEDULED = "activityTaskScheduledEventAttributes"


@dataclass(frozen=True)
class Archives:
    """What is held against each other: an archive and the ledger of a store."""

    archive: Archive
    store: Store
    converter: DataConverter
    tenant: str = "default"

    async def compare(self) -> AsyncIterator[tuple[str, Fault | None]]:
        """Each file, with what is wrong with it."""
        async for archived in self.archive.all(self.tenant):
            try:
                bundle = await self.archive.read_now(archived)
            except ArchiveDamaged as error:
                yield archived.path, Fault("archive_damaged", str(error), archived.number)
            else:
                yield archived.path, await self._bundle(bundle)

    async def _bundle(self, bundle: Bundle) -> Fault | None:
        number, entries = bundle.number, bundle.entries
        if fault := await in_itself(bundle, self.converter):
            return fault
        told = await self.store.leaves.waiting(self.tenant, number)
        told |= {leaf.seq: leaf.hash for _, leaf in await self.store.leaves.of(self.tenant, number)}
        for entry in entries:
            if told.get(entry.seq) != entry_hash(entry):
                return Fault(
                    "archive_differs", "the ledger has another one, or none", number, entry.seq
                )
        return None


async def in_itself(bundle: Bundle, converter: DataConverter) -> Fault | None:
    """Where a file contradicts itself: its entries' chain, or Temporal's history in the same file.

    A run that archived itself may have entries recorded after its file was written.
    """
    number = bundle.number
    if broken := first_break(bundle.entries, bundle.tenant, number):
        return Fault("archive_differs", "it does not follow from the one before", number, broken)
    try:
        history = WorkflowHistory.from_json(number, {"events": _telling(bundle)})
        told = await entries_of(converter, history.events)
    except (ParseError, ValueError, TypeError, LookupError, AttributeError, RuntimeError):
        return Fault("archive_differs", "the history in the same file cannot be read", number)
    yielded = {entry.seq: entry_hash(entry) for entry in told}
    for entry in bundle.entries:
        if yielded.pop(entry.seq, None) != entry_hash(entry):
            why = "the history in the same file has another one, or none"
            return Fault("archive_differs", why, number, entry.seq)
    if yielded and bundle.complete:
        why = "the history in the same file has it, the entries have not"
        return Fault("archive_differs", why, number, min(yielded))
    return None


def _telling(bundle: Bundle) -> list[dict[str, Any]]:
    """The events that tell of entries: to parse all of them takes ten times as long."""
    return [
        event
        for event in bundle.events
        if STARTED in event
        or event.get(SCHEDULED, {}).get("activityType", {}).get("name") == RECORD
    ]
