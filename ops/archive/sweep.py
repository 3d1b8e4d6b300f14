"""Sweeps ended runs into the archive: adds what it lacks, and lists what is final."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client, WorkflowExecution

from domain.language.roles import Actor, ActorKind
from ops.archive.runs import (
    Unarchivable,
    bundle_of,
    ended_runs,
    is_known,
    is_lost,
    same_run,
)
from ops.audit.archive_compare import LISTED, bundle_finding, noted_manifests
from ops.audit.temporal_compare import first_difference
from ops.concurrency import batched, gather_bounded
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
from temporal.histories import fetch_history

AT_ONCE = 8
BATCH = 200
"""Files are listed in such batches; what a killed sweep had not listed, the next one lists."""
SWEEP = Actor(kind=ActorKind.SYSTEM, id="sweep")


@dataclass
class SweepReport:
    """What a sweep found and did.

    Of the `looked` runs, `archived` had no file, `completed` had one without their end, `restored`
    were listed and gone, `mended` were not what Temporal says. `waiting` are files whose runs go
    on. `lost` are cases ended by hand; `strangers` are files whose runs neither Temporal nor the
    store vouches for, which are not listed; `failed` says why something could not be archived.
    """

    looked: int = 0
    archived: int = 0
    completed: int = 0
    restored: int = 0
    mended: int = 0
    listed: int = 0
    waiting: int = 0
    lost: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Sweeper:
    """Sweeps one Temporal namespace into an archive. Running cases are not touched.

    Several may run at once; `code` is the build id of the code that archives.
    """

    client: Client
    archive: Archive
    store: Store
    code: str
    clock: Clock = utc_now

    async def sweep(self, progress: Callable[[int], object] = lambda _done: None) -> SweepReport:
        """Sweep all tenants once; `progress` is called with the number of runs that are done.

        Raises:
            ArchiveDown, StoreDown, RPCError: sweep again later; nothing is half done.
            ArchiveDamaged: a tenant's list is broken; nothing is listed until it is repaired.
        """
        report, lists = SweepReport(), ArchiveLists(self.archive, self.store, self.clock())
        finished = await lists.finished_runs()
        async for batch in batched(ended_runs(self.client), BATCH):
            report.looked += len(batch)
            report.lost += [run.id for run in batch if await is_lost(self.client, run)]
            unfinished = [run for run in batch if run.run_id not in finished]
            archived = await gather_bounded(
                lambda run: self._archive_run(run, lists, report), unfinished, AT_ONCE
            )
            await self._list(lists, report, (each for each in archived if each))
            progress(report.looked)
        for tenant in list(lists.states):
            await self._sweep_unlisted(tenant, lists, report)
            await lists.note_manifests(tenant)
        return report

    async def _archive_run(
        self, run: WorkflowExecution, lists: "ArchiveLists", report: SweepReport
    ) -> tuple[str, ListedFile] | None:
        """Archive a run that ended; return its tenant, and what is to be listed."""
        history = await fetch_history(self.client, run.id, run.run_id)
        if history is None:
            return None
        try:
            converter = self.client.data_converter
            bundle = await bundle_of(converter, run.run_id, history, self.code, self.clock())
        except Unarchivable as error:
            report.failed[run.id] = str(error)
            return None
        state = await lists.of(bundle.tenant)
        archived, bundle = await self._write(bundle, report, listed=bundle.path in state.files)
        return bundle.tenant, ListedFile.of(archived, bundle)

    async def _write(
        self, bundle: Bundle, report: SweepReport, *, listed: bool
    ) -> tuple[ArchivedFile, Bundle]:
        """Write the file unless it says the same already; return what is archived now."""
        try:
            existing = await self.archive.get(bundle.path)
        except ArchiveDamaged:
            report.mended += 1
            return await self.archive.write(bundle), bundle
        if existing is None:
            report.restored += listed
            report.archived += not listed
        elif same_run(existing[1], bundle):
            return existing
        else:
            report.completed += not existing[1].complete
            report.mended += existing[1].complete
        return await self.archive.write(bundle), bundle

    async def _sweep_unlisted(
        self, tenant: str, lists: "ArchiveLists", report: SweepReport
    ) -> None:
        """List the files that were not listed, if their runs are forgotten by Temporal."""
        state = await lists.of(tenant)
        unlisted = sorted(lists.paths[tenant] - state.files.keys())
        for start in range(0, len(unlisted), BATCH):
            batch = unlisted[start : start + BATCH]
            forgotten = await gather_bounded(
                lambda path: self._forgotten(path, report), batch, AT_ONCE
            )
            await self._list(lists, report, ((tenant, each) for each in forgotten if each))

    async def _forgotten(self, path: str, report: SweepReport) -> ListedFile | None:
        """Return what is to be listed of a file whose run Temporal forgot: it is final."""
        file = ArchivedFile(path, "", 0)
        if await is_known(self.client, file.number, file.run):
            report.waiting += 1
            return None
        try:
            existing = await self.archive.get(path)
        except ArchiveDamaged as error:
            report.failed[file.number] = str(error)
            return None
        if existing and await self._is_vouched_for(existing[1]):
            return ListedFile.of(*existing)
        report.strangers += [path] if existing else []
        return None

    async def _is_vouched_for(self, bundle: Bundle) -> bool:
        """Return whether the file agrees with itself, and the store has the same entries."""
        if not bundle.entries or await bundle_finding(bundle, self.client.data_converter):
            return False
        entries = bundle.entries
        stored = await self.store.entries.of(bundle.tenant, bundle.number, limit=len(entries))
        return first_difference(bundle.number, stored, entries, "") is None

    async def _list(
        self, lists: "ArchiveLists", report: SweepReport, files: Iterable[tuple[str, ListedFile]]
    ) -> None:
        for tenant, of_tenant in groupby(sorted(files, key=_tenant), key=_tenant):
            report.listed += await lists.add(tenant, (listed for _, listed in of_tenant))


class ArchiveLists:
    """The files and the list of each tenant, as far as this sweep knows them."""

    def __init__(self, archive: Archive, store: Store, since: datetime) -> None:
        self._archive, self._store, self._since = archive, store, since
        self._manifests = Manifests(archive)
        self.states: dict[str, ManifestState] = {}
        self.paths: dict[str, set[str]] = {}

    async def of(self, tenant: str) -> ManifestState:
        """Return a tenant's list."""
        if tenant not in self.states:
            # Paths are read first, so that a file listed in between does not look unlisted.
            self.paths[tenant] = set(await self._archive.paths(tenant))
            self.states[tenant] = await self._manifests.read(tenant)
        return self.states[tenant]

    async def finished_runs(self) -> set[str]:
        """Return the runs whose files exist and are listed."""
        for tenant in await self._archive.tenants():
            await self.of(tenant)
        return {
            ArchivedFile(path, "", 0).run
            for tenant, state in self.states.items()
            for path in state.files.keys() & self.paths[tenant]
        }

    async def add(self, tenant: str, files: Iterable[ListedFile]) -> int:
        """List the files, and return how many were not listed as they are.

        Raises:
            ArchiveDamaged: the list is broken.
        """
        state, files = await self.of(tenant), list(files)
        while new := [listed for listed in files if _is_new(state, listed)]:
            if await self._manifests.add(tenant, state, new, self._since):
                return len(new)
            # Another sweep was first, maybe with the same files: list what is true of them now.
            await self._manifests.read(tenant, state)
            files = [listed for listed in new if await self._is_current(listed)]
        return 0

    async def note_manifests(self, tenant: str) -> None:
        """Note in the audit log the manifests that it does not know yet.

        The audit log is sealed and signed, so it shows if a list is cut or rewritten.
        """
        state = await self.of(tenant)
        noted = {n for n, _ in await noted_manifests(self._store, tenant)}
        for n, sha256 in sorted(state.parts.items()):
            if n not in noted and sha256:
                details: dict[str, JsonValue] = {"n": n, "sha256": sha256}
                await self._store.audit_log.add(tenant, SWEEP, LISTED, str(n), details=details)

    async def _is_current(self, listed: ListedFile) -> bool:
        now = await self._archive.stat(listed.path)
        return now is not None and now.sha256 == listed.sha256


def _is_new(state: ManifestState, listed: ListedFile) -> bool:
    before = state.files.get(listed.path)
    return before is None or before.sha256 != listed.sha256


def _tenant(file: tuple[str, ListedFile]) -> str:
    return file[0]
