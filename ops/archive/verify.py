"""Is the archive what it was: every file there, unchanged, in the list, and true to its history?"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.converter import DataConverter

from ops.archive.runs import bounded
from ops.audit.archive_compare import in_itself, wrong_with_list
from ops.audit.faults import Fault
from ops.audit.temporal_compare import difference
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
    faults: list[Fault] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For programs."""
        told = {"verified": not self.faults, **vars(self)}
        return {**told, "faults": [vars(fault) for fault in self.faults]}


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
        checked.faults += await self._of_list(known, head)
        checked.manifests, checked.head = len(known.parts), known.head
        names = sorted({*known.files, *there})
        for at in range(0, len(names), PART):
            some = names[at : at + PART]
            for faults in await bounded(lambda p: self._file(p, known, checked), some, AT_ONCE):
                checked.faults += faults
            told(at + len(some), len(names))
        return checked

    async def _of_list(self, known: Known, head: str) -> list[Fault]:
        faults = await wrong_with_list(self.store, self.tenant, known)
        if head and head not in known.parts.values():
            faults.append(Fault("manifest_cut", f"no manifest has the SHA-256 {head} any more"))
        return faults

    async def _file(self, path: str, known: Known, checked: Checked) -> list[Fault]:
        number, listed = Archived(path, "", 0).number, known.files.get(path)
        try:
            taken = await self.archive.take(path)
        except ArchiveDamaged as error:
            return [Fault("archive_damaged", str(error), number)]
        if taken is None:
            return [Fault("archive_missing", f"{path} is listed, and gone", number)]
        now, bundle = taken
        checked.files += 1
        checked.entries += len(bundle.entries)
        return [fault async for fault in self._bundle(now, bundle, listed, known, checked)]

    async def _bundle(
        self, now: Archived, bundle: Bundle, listed: Listed | None, known: Known, checked: Checked
    ) -> AsyncIterator[Fault]:
        path, number = now.path, bundle.number
        if listed is None:
            why = wrong_with_unlisted(bundle, known, self.clock())
            checked.waiting += why is None
            if why:
                yield Fault("archive_unlisted", f"{path} {why}", number)
        elif listed.sha256 != now.sha256:
            yield Fault("archive_replaced", f"{path} is not the file that was listed", number)
        if fault := await in_itself(bundle, self.converter):
            yield Fault(fault.code, f"{path}: {fault.detail}", number, fault.seq)
        if self.store and (fault := await self._stored(self.store, bundle, checked)):
            yield fault

    async def _stored(self, store: Store, bundle: Bundle, checked: Checked) -> Fault | None:
        """The first entry that the store has otherwise, if it has the case at all."""
        number, entries = bundle.number, bundle.entries
        stored = await store.entries.of(bundle.tenant, number, limit=len(entries))
        if not stored:
            return None
        checked.compared += 1
        return difference(number, stored, entries, "store_differs")
