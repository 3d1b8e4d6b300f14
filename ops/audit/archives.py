"""Are the archived runs whole, and are their entries those that the ledger knows?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from domain.chain import entry_hash, first_break
from ops.audit.faults import Fault
from ops.audit.histories import entries_of
from store import Store
from store.archive import Archive, ArchiveDamaged, Bundle


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
                bundle = await self.archive.read(archived)
            except ArchiveDamaged as error:
                yield archived.path, Fault("archive_damaged", str(error), archived.number)
            else:
                yield archived.path, await self._bundle(bundle)

    async def _bundle(self, bundle: Bundle) -> Fault | None:
        number, entries = bundle.number, bundle.entries
        broken = first_break(entries, bundle.tenant, number)
        if broken:
            return Fault(
                "archive_differs", "it does not follow from the one before", number, broken
            )
        told = await self.store.leaves.waiting(self.tenant, number)
        told |= {leaf.seq: leaf.hash for _, leaf in await self.store.leaves.of(self.tenant, number)}
        for entry in entries:
            if told.get(entry.seq) != entry_hash(entry):
                return Fault(
                    "archive_differs", "the ledger has another one, or none", number, entry.seq
                )
        return await self._history(bundle)

    async def _history(self, bundle: Bundle) -> Fault | None:
        """Temporal's own history lies in the same file; it must tell the same."""
        history = WorkflowHistory.from_json(bundle.number, bundle.history)
        yielded = {e.seq: entry_hash(e) for e in await entries_of(self.converter, history.events)}
        for entry in bundle.entries:
            if yielded.get(entry.seq) != entry_hash(entry):
                why = "the history in the same file has another one, or none"
                return Fault("archive_differs", why, bundle.number, entry.seq)
        return None
