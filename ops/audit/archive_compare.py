"""Are the archived runs whole, and are their entries those that the ledger knows?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.converter import DataConverter

from domain.engine.chain import entry_hash, first_break
from ops.findings import Finding
from store import Store
from store.archive import Archive, ArchiveDamaged, Bundle, Known, Listed, Manifests
from store.errors import AuditLogDamaged
from temporal.histories import entries_of, unpack

LISTED = "archive.listed"
"""The act of a sweep that wrote a part of the list."""
MOST = 100_000


async def anchored_manifests(store: Store, tenant: str) -> list[tuple[int, str]]:
    """The parts of the list that the ledger knows, each with its hash."""
    acts = await store.audit_log.events(tenant, MOST, LISTED)
    return sorted((int(str(a.details["n"])), str(a.details["sha256"])) for a in acts)


async def list_findings(store: Store | None, tenant: str, known: Known) -> list[Finding]:
    """Parts that are damaged, and, with a store, those that its ledger knows otherwise.

    Each sweep writes the hash of each part into the ledger, which is sealed: a list that was cut,
    or written anew with all that is in it, is not the one that the ledger knows.
    """
    findings = [Finding("manifest_damaged", f"manifest {n}: {why}") for n, why in known.broken]
    try:
        noted = await anchored_manifests(store, tenant) if store else []
    except (AuditLogDamaged, LookupError, ValueError) as error:
        return [*findings, Finding("act_edited", f"what the ledger has of the list: {error}")]
    for n, sha256 in noted:
        if known.parts.get(n) != sha256:
            why = "is gone" if n not in known.parts else "is not the one that the ledger knows"
            findings.append(Finding("manifest_cut", f"manifest {n} {why}"))
    return findings


@dataclass(frozen=True)
class ArchiveComparison:
    """What is held against each other: an archive and the ledger of a store."""

    archive: Archive
    store: Store
    converter: DataConverter
    tenant: str = "default"

    async def compare(self) -> AsyncIterator[tuple[str, Finding | None]]:
        """Each file, with what is wrong with it; then what is wrong with the list of them."""
        manifests = Manifests(self.archive)
        known = await manifests.read(self.tenant)
        seen: set[str] = set()
        async for archived in self.archive.all(self.tenant):
            seen.add(archived.path)
            try:
                bundle = await self.archive.read_now(archived)
            except ArchiveDamaged as error:
                yield archived.path, Finding("archive_damaged", str(error), archived.number)
            else:
                listed = known.files.get(archived.path)
                yield archived.path, await self._bundle(bundle) or await self._listed(listed)
        for path in sorted(known.files.keys() - seen):
            if finding := await self._listed(known.files[path]):
                yield path, finding
        # A sweep may have listed more meanwhile, and noted it.
        known = await manifests.read(self.tenant, known)
        for finding in await list_findings(self.store, self.tenant, known):
            yield "list", finding

    async def _listed(self, listed: Listed | None) -> Finding | None:
        """Whether a file is still the one that was listed; a sweep lists anew what it mends."""
        if listed is None:
            return None
        now = await self.archive.found(listed.path)
        if now is None:
            return Finding("archive_missing", f"{listed.path} is listed, and gone", listed.number)
        if now.sha256 == listed.sha256:
            return None
        newest = (await Manifests(self.archive).read(self.tenant)).files.get(listed.path)
        if newest is not None and newest.sha256 == now.sha256:
            return None
        why = f"{listed.path} is not the file that was listed"
        return Finding("archive_replaced", why, listed.number)

    async def _bundle(self, bundle: Bundle) -> Finding | None:
        number, entries = bundle.number, bundle.entries
        if finding := await bundle_finding(bundle, self.converter):
            return finding
        told = await self.store.audit_reader.waiting(self.tenant, number)
        told |= {
            leaf.seq: leaf.hash for _, leaf in await self.store.audit_reader.of(self.tenant, number)
        }
        for entry in entries:
            if told.get(entry.seq) != entry_hash(entry):
                return Finding(
                    "archive_differs", "the ledger has another one, or none", number, entry.seq
                )
        return None


async def bundle_finding(bundle: Bundle, converter: DataConverter) -> Finding | None:
    """Where a file contradicts itself: its entries' chain, or Temporal's history in the same file.

    A run that archived itself may have entries recorded after its file was written.
    """
    number = bundle.number
    if broken := first_break(bundle.entries, bundle.tenant, number):
        return Finding("archive_differs", "it does not follow from the one before", number, broken)
    try:
        events = unpack(bundle.history)
        told = await entries_of(converter, events)
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError):
        return Finding("archive_differs", "the history in the same file cannot be read", number)
    if len(events) != bundle.events:
        return Finding(
            "archive_differs", "the history in the same file is of another length", number
        )
    yielded = {entry.seq: entry_hash(entry) for entry in told}
    for entry in bundle.entries:
        if yielded.pop(entry.seq, None) != entry_hash(entry):
            why = "the history in the same file has another one, or none"
            return Finding("archive_differs", why, number, entry.seq)
    if yielded and bundle.complete:
        why = "the history in the same file has it, the entries have not"
        return Finding("archive_differs", why, number, min(yielded))
    return None
