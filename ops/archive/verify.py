"""Verifies the archive: every file exists, is unchanged, is listed, and agrees with its history."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.converter import DataConverter

from ops.audit.archive_compare import bundle_finding, manifest_findings
from ops.audit.temporal_compare import first_difference
from ops.concurrency import gather_bounded
from ops.findings import Finding
from runtime.message import Message
from store import Store
from store.archive import (
    Archive,
    ArchiveDamaged,
    ArchivedFile,
    Bundle,
    ListedFile,
    Manifests,
    ManifestState,
)
from store.db.clock import Clock, utc_now

AT_ONCE = 8
BATCH = 200
UNLISTED_COMPLETE = timedelta(hours=1)
"""Longer than a sweep takes from writing a file to listing it."""
UNLISTED_RUNNING = timedelta(days=2)
"""Longer than a run goes on after it archived itself, and than it waits for a daily sweep."""
SKEW = timedelta(minutes=10)


@dataclass
class VerifyReport:
    """What was verified, and what is wrong with it.

    `waiting` are files that no sweep has listed yet. `head` is the hash of the list's last
    manifest: whoever keeps it can have the next verification start from it.
    """

    files: int = 0
    entries: int = 0
    waiting: int = 0
    manifests: int = 0
    head: str = ""
    compared: int = 0
    findings: list[Finding] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        findings = [vars(finding) for finding in self.findings]
        return {"verified": not findings, **vars(self), "findings": findings}


@dataclass(frozen=True)
class ArchiveVerifier:
    """Verifies a tenant's archive, against a store too if there is one."""

    archive: Archive
    converter: DataConverter
    tenant: str = "default"
    store: Store | None = None
    clock: Clock = utc_now

    async def verify(
        self, head: str = "", progress: Callable[[int, int], object] = lambda _done, _all: None
    ) -> VerifyReport:
        """Return everything that is wrong. Sweeps and cases may go on meanwhile.

        Args:
            head: a hash of the list that somebody kept; it must still be in the list.
            progress: called with the number of files that are done, and of all files.
        """
        manifests, report = Manifests(self.archive), VerifyReport()
        state = await manifests.read(self.tenant)
        paths = await self.archive.paths(self.tenant)
        # A sweep may have listed more between the two reads; those files are in `paths`.
        await manifests.read(self.tenant, state)
        report.findings += await self._verify_list(state, head)
        report.manifests, report.head = len(state.parts), state.head
        files = sorted({*state.files, *paths})
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            for findings in await gather_bounded(
                lambda path: self._verify_file(path, state, report), batch, AT_ONCE
            ):
                report.findings += findings
            progress(start + len(batch), len(files))
        return report

    async def _verify_list(self, state: ManifestState, head: str) -> list[Finding]:
        findings = await manifest_findings(self.store, self.tenant, state)
        if head and head not in state.parts.values():
            findings.append(
                Finding(
                    "manifest_cut",
                    Message("no manifest has the SHA-256 %(head)s any more", head=head),
                )
            )
        return findings

    async def _verify_file(
        self, path: str, state: ManifestState, report: VerifyReport
    ) -> list[Finding]:
        number = ArchivedFile(path, "", 0).number
        try:
            existing = await self.archive.get(path)
        except ArchiveDamaged as error:
            return [Finding("archive_damaged", str(error), number)]
        if existing is None:
            return [
                Finding(
                    "archive_missing", Message("%(path)s is listed, and gone", path=path), number
                )
            ]
        archived, bundle = existing
        report.files += 1
        report.entries += len(bundle.entries)
        return [finding async for finding in self._verify_bundle(archived, bundle, state, report)]

    async def _verify_bundle(
        self, archived: ArchivedFile, bundle: Bundle, state: ManifestState, report: VerifyReport
    ) -> AsyncIterator[Finding]:
        path, number, listed = archived.path, bundle.number, state.files.get(archived.path)
        if finding := self._verify_listing(archived, bundle, listed, state):
            yield finding
        elif listed is None:
            report.waiting += 1
        if finding := await bundle_finding(bundle, self.converter):
            yield Finding(finding.code, f"{path}: {finding.detail}", number, finding.seq)
        if self.store and (finding := await self._compare_store(self.store, bundle, report)):
            yield finding

    def _verify_listing(
        self,
        archived: ArchivedFile,
        bundle: Bundle,
        listed: ListedFile | None,
        state: ManifestState,
    ) -> Finding | None:
        path, number = archived.path, bundle.number
        if listed is None:
            why = _why_not_unlisted(bundle, state, self.clock())
            if why is None:
                return None
            detail = Message("%(path)s %(why)s", path=path, why=why)
            return Finding("archive_unlisted", detail, number)
        if listed.sha256 != archived.sha256:
            why = Message("%(path)s is not the file that was listed", path=path)
            return Finding("archive_replaced", why, number)
        return None

    async def _compare_store(
        self, store: Store, bundle: Bundle, report: VerifyReport
    ) -> Finding | None:
        """Return the first entry that differs in the store, if the store has the case at all."""
        number, entries = bundle.number, bundle.entries
        stored = await store.entries.of(bundle.tenant, number, limit=len(entries))
        if not stored:
            return None
        report.compared += 1
        return first_difference(number, stored, entries, "store_differs")


def _why_not_unlisted(bundle: Bundle, state: ManifestState, now: datetime) -> str | None:
    """Return why a file must not be unlisted; None if it may be.

    Sweeps list what is final. If a later sweep did not list this file, it did not exist then, or
    nobody vouched for it.
    """
    at = bundle.archived_at
    if at > now + SKEW:
        return Message("says that it was archived in the future")
    patience = UNLISTED_COMPLETE if bundle.complete else UNLISTED_RUNNING
    if state.since and at + patience < state.since:
        return Message("was there before the last sweep, says its date, and is not listed")
    return None
