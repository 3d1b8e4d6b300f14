"""Compares archived runs with the audit log: are the files whole, and their entries the logged?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.converter import DataConverter

from domain.engine.chain import entry_hash, first_break
from ops.findings import Finding
from runtime.message import Message
from store import Store
from store.archive import Archive, ArchiveDamaged, Bundle, ListedFile, Manifests, ManifestState
from store.errors import AuditLogDamaged
from temporal.histories import entries_of, unpack

LISTED = "archive.listed"
"""The act by which a sweep notes a manifest in the audit log."""
MOST_ACTS = 100_000


@dataclass(frozen=True)
class ArchiveComparison:
    """Compares an archive with the audit log of a store."""

    archive: Archive
    store: Store
    converter: DataConverter
    tenant: str = "default"

    async def compare(self) -> AsyncIterator[tuple[str, Finding | None]]:
        """Yield each file with its finding, then the findings about the manifests."""
        manifests = Manifests(self.archive)
        state = await manifests.read(self.tenant)
        compared: set[str] = set()
        async for archived in self.archive.all(self.tenant):
            compared.add(archived.path)
            try:
                bundle = await self.archive.read_current(archived)
            except ArchiveDamaged as error:
                yield archived.path, Finding("archive_damaged", str(error), archived.number)
            else:
                listed = state.files.get(archived.path)
                finding = await self._compare_bundle(bundle) or await self._compare_listed(listed)
                yield archived.path, finding
        for path in sorted(state.files.keys() - compared):
            if finding := await self._compare_listed(state.files[path]):
                yield path, finding
        # A sweep may have written and noted more manifests meanwhile.
        state = await manifests.read(self.tenant, state)
        for finding in await manifest_findings(self.store, self.tenant, state):
            yield "list", finding

    async def _compare_listed(self, listed: ListedFile | None) -> Finding | None:
        """Whether a file is still the one that was listed; a sweep lists again what it repairs."""
        if listed is None:
            return None
        now = await self.archive.stat(listed.path)
        if now is None:
            return Finding(
                "archive_missing",
                Message("%(path)s is listed, and gone", path=listed.path),
                listed.number,
            )
        if now.sha256 == listed.sha256:
            return None
        newest = (await Manifests(self.archive).read(self.tenant)).files.get(listed.path)
        if newest is not None and newest.sha256 == now.sha256:
            return None
        why = Message("%(path)s is not the file that was listed", path=listed.path)
        return Finding("archive_replaced", why, listed.number)

    async def _compare_bundle(self, bundle: Bundle) -> Finding | None:
        if finding := await bundle_finding(bundle, self.converter):
            return finding
        number, rows = bundle.number, self.store.audit_reader
        logged = await rows.waiting(self.tenant, number)
        logged |= {row.seq: row.hash for _, row in await rows.of(self.tenant, number)}
        for entry in bundle.entries:
            if logged.get(entry.seq) != entry_hash(entry):
                why = Message("the audit log has another one, or none")
                return Finding("archive_differs", why, number, entry.seq)
        return None


async def noted_manifests(store: Store, tenant: str) -> list[tuple[int, str]]:
    """Return the manifests that the audit log knows: the number and the SHA-256 of each."""
    acts = await store.audit_log.events(tenant, MOST_ACTS, LISTED)
    return sorted((int(str(act.details["n"])), str(act.details["sha256"])) for act in acts)


async def manifest_findings(
    store: Store | None, tenant: str, state: ManifestState
) -> list[Finding]:
    """Find manifests that are damaged or, with a store, not those that its audit log knows.

    Each sweep notes the hash of each manifest in the audit log, which is sealed: manifests that
    were cut, or rewritten with everything in them, are not those that the audit log knows.
    """
    findings = [
        Finding("manifest_damaged", Message("manifest %(n)s: %(why)s", n=n, why=why))
        for n, why in state.broken
    ]
    try:
        noted = await noted_manifests(store, tenant) if store else []
    except (AuditLogDamaged, LookupError, ValueError) as error:
        why = Message("what the audit log has of the list: %(error)s", error=error)
        return [*findings, Finding("audit_event_edited", why)]
    for n, sha256 in noted:
        if state.parts.get(n) != sha256:
            replaced = Message("is not the one that the audit log knows")
            why = replaced if n in state.parts else Message("is gone")
            findings.append(
                Finding("manifest_cut", Message("manifest %(n)s %(why)s", n=n, why=why))
            )
    return findings


async def bundle_finding(bundle: Bundle, converter: DataConverter) -> Finding | None:
    """Return where a file contradicts itself, by its chain or by the history in the same file.

    A run that archived itself may have entries recorded after its file was written.
    """
    number = bundle.number
    if broken := first_break(bundle.entries, bundle.tenant, number):
        return Finding(
            "archive_differs", Message("it does not follow from the one before"), number, broken
        )
    try:
        events = unpack(bundle.history)
        in_history = await entries_of(converter, events)
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError):
        return Finding(
            "archive_differs", Message("the history in the same file cannot be read"), number
        )
    if len(events) != bundle.events:
        why = Message("the history in the same file is of another length")
        return Finding("archive_differs", why, number)
    hashes = {entry.seq: entry_hash(entry) for entry in in_history}
    for entry in bundle.entries:
        if hashes.pop(entry.seq, None) != entry_hash(entry):
            why = Message("the history in the same file has another one, or none")
            return Finding("archive_differs", why, number, entry.seq)
    if hashes and bundle.complete:
        why = Message("the history in the same file has it, the entries have not")
        return Finding("archive_differs", why, number, min(hashes))
    return None
