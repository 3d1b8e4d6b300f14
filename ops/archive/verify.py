"""Is the archive what it was: every file there, unchanged, in the list, and true to its history?"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.converter import DataConverter

from ops.archive.runs import bounded
from ops.audit.archive_compare import bundle_finding, manifest_findings
from ops.audit.temporal_compare import first_difference
from ops.findings import Finding
from store import Store
from store.archive import Archive, Archived, ArchiveDamaged, Bundle, Known, Listed, Manifests
from store.db.clock import Clock, utc_now

FINISHING = timedelta(hours=1)
"""Longer than a sweep takes from writing a file to listing it."""
GOING_ON = timedelta(days=2)
"""Longer than a run goes on after it archived itself, and than it waits for a daily sweep."""
SKEW = timedelta(minutes=10)


def wrong_with_unlisted(bundle: Bundle, known: Known, now: datetime) -> str | None:
    """Why a file should not be there unlisted; None if it may.

    Sweeps list what is final: that a later one did not list this file means it was not there, or
    nobody vouched for it.
    """
    at = bundle.archived_at
    if at > now + SKEW:
        return "says that it was archived in the future"
    patience = FINISHING if bundle.complete else GOING_ON
    if known.since and at + patience < known.since:
        return "was there before the last sweep, says its date, and is not listed"
    return None


AT_ONCE = 8
PART = 200


@dataclass
class Checked:
    """What was looked at, and what is wrong with it, the first bad one first.

    `waiting` are files that no sweep has listed yet, `head` is the hash of the list's last part:
    whoever keeps it can have the next verification go on from it.
    """

    files: int = 0
    entries: int = 0
    waiting: int = 0
    manifests: int = 0
    head: str = ""
    compared: int = 0
    findings: list[Finding] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For programs."""
        told = {"verified": not self.findings, **vars(self)}
        return {**told, "faults": [vars(finding) for finding in self.findings]}


@dataclass(frozen=True)
class Verifier:
    """Verifies a tenant's archive; with a store also against that."""

    archive: Archive
    converter: DataConverter
    tenant: str = "default"
    store: Store | None = None
    clock: Clock = utc_now

    async def verify(
        self, head: str = "", told: Callable[[int, int], object] = lambda _done, _all: None
    ) -> Checked:
        """All that is wrong; nothing, if all is well. Sweeps and cases may go on meanwhile.

        Args:
            head: a hash of the list that somebody kept; it must be in it still.
            told: hears how many files were looked at, and how many there are.
        """
        manifests, checked = Manifests(self.archive), Checked()
        known = await manifests.read(self.tenant)
        there = await self.archive.paths(self.tenant)
        # A sweep may have listed more meanwhile; those files are there, too.
        await manifests.read(self.tenant, known)
        checked.findings += await self._of_list(known, head)
        checked.manifests, checked.head = len(known.parts), known.head
        names = sorted({*known.files, *there})
        for at in range(0, len(names), PART):
            some = names[at : at + PART]
            for findings in await bounded(lambda p: self._file(p, known, checked), some, AT_ONCE):
                checked.findings += findings
            told(at + len(some), len(names))
        return checked

    async def _of_list(self, known: Known, head: str) -> list[Finding]:
        findings = await manifest_findings(self.store, self.tenant, known)
        if head and head not in known.parts.values():
            findings.append(Finding("manifest_cut", f"no manifest has the SHA-256 {head} any more"))
        return findings

    async def _file(self, path: str, known: Known, checked: Checked) -> list[Finding]:
        number, listed = Archived(path, "", 0).number, known.files.get(path)
        try:
            taken = await self.archive.take(path)
        except ArchiveDamaged as error:
            return [Finding("archive_damaged", str(error), number)]
        if taken is None:
            return [Finding("archive_missing", f"{path} is listed, and gone", number)]
        now, bundle = taken
        checked.files += 1
        checked.entries += len(bundle.entries)
        return [finding async for finding in self._bundle(now, bundle, listed, known, checked)]

    async def _bundle(
        self, now: Archived, bundle: Bundle, listed: Listed | None, known: Known, checked: Checked
    ) -> AsyncIterator[Finding]:
        path, number = now.path, bundle.number
        if listed is None:
            why = wrong_with_unlisted(bundle, known, self.clock())
            checked.waiting += why is None
            if why:
                yield Finding("archive_unlisted", f"{path} {why}", number)
        elif listed.sha256 != now.sha256:
            yield Finding("archive_replaced", f"{path} is not the file that was listed", number)
        if finding := await bundle_finding(bundle, self.converter):
            yield Finding(finding.code, f"{path}: {finding.detail}", number, finding.seq)
        if self.store and (finding := await self._stored(self.store, bundle, checked)):
            yield finding

    async def _stored(self, store: Store, bundle: Bundle, checked: Checked) -> Finding | None:
        """The first entry that the store has otherwise, if it has the case at all."""
        number, entries = bundle.number, bundle.entries
        stored = await store.entries.of(bundle.tenant, number, limit=len(entries))
        if not stored:
            return None
        checked.compared += 1
        return first_difference(number, stored, entries, "store_differs")
