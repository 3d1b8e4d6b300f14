"""Finds what the archive lacks of the runs that ended, adds it, and lists what is final."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client, WorkflowExecution

from domain.language.roles import Actor, ActorKind
from ops.archive.runs import (
    LOST,
    Unarchivable,
    alike,
    bounded,
    bundle_of,
    ended,
    is_known,
    parts,
)
from ops.audit.archive_compare import LISTED, bundle_finding, noted_manifests
from ops.audit.temporal_compare import first_difference
from ops.incidents.retry import went_on
from store import Store
from store.archive import Archive, Archived, ArchiveDamaged, Bundle, Known, Listed, Manifests
from store.db.clock import Clock, utc_now
from temporal.histories import fetch_history

SWEEP = Actor(kind=ActorKind.SYSTEM, id="sweep")


class Lists:
    """What is there and what is listed, by tenant, as far as this sweep knows."""

    def __init__(self, archive: Archive, store: Store, since: datetime) -> None:
        self._archive, self._store, self._since = archive, store, since
        self._manifests = Manifests(archive)
        self.known: dict[str, Known] = {}
        self.there: dict[str, set[str]] = {}

    async def of(self, tenant: str) -> Known:
        """A tenant's list."""
        if tenant not in self.known:
            # The names first: a file that is listed in between is then no unlisted one.
            self.there[tenant] = set(await self._archive.paths(tenant))
            self.known[tenant] = await self._manifests.read(tenant)
        return self.known[tenant]

    async def finished(self) -> set[str]:
        """The runs whose files are listed, and there."""
        for tenant in await self._archive.tenants():
            await self.of(tenant)
        return {
            Archived(path, "", 0).run
            for tenant, known in self.known.items()
            for path in known.files.keys() & self.there[tenant]
        }

    async def add(self, tenant: str, files: Iterable[Listed]) -> int:
        """List them; how many were not listed as they are.

        Raises:
            ArchiveDamaged: the list is broken.
        """
        known, files = await self.of(tenant), list(files)
        while fresh := [each for each in files if _is_news(known, each)]:
            if await self._manifests.add(tenant, known, fresh, self._since):
                return len(fresh)
            # Another sweep was first, maybe with the same files: whose stands there now?
            await self._manifests.read(tenant, known)
            files = [each for each in fresh if await self._stands(each)]
        return 0

    async def anchor(self, tenant: str) -> None:
        """Write into the audit log of the store what it does not know yet of the list.

        The audit log is sealed and signed: a list that is cut or written anew is found by it.
        """
        known = await self.of(tenant)
        told = {n for n, _ in await noted_manifests(self._store, tenant)}
        for n, sha256 in sorted(known.parts.items()):
            if n not in told and sha256:
                details: dict[str, JsonValue] = {"n": n, "sha256": sha256}
                await self._store.audit_log.add(tenant, SWEEP, LISTED, str(n), details=details)

    async def _stands(self, listed: Listed) -> bool:
        now = await self._archive.found(listed.path)
        return now is not None and now.sha256 == listed.sha256


def _is_news(known: Known, listed: Listed) -> bool:
    there = known.files.get(listed.path)
    return there is None or there.sha256 != listed.sha256


AT_ONCE = 8
PART = 200
"""So many files are listed at a time; what a killed sweep had not listed, the next one does."""


@dataclass
class Swept:
    """What a sweep found and did.

    Of the `looked` runs some had no file (`archived`), one without their end (`completed`), one
    that was listed and is gone (`restored`), one that was not what Temporal says (`mended`).
    `waiting` are files whose runs go on. `lost` are cases ended by hand; `strangers` files whose
    runs neither Temporal nor the store vouches for, which are not listed; `failed` says what could
    not be archived, and why.
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
        """For programs."""
        return asdict(self)


@dataclass(frozen=True)
class Sweeper:
    """Sweeps one Temporal namespace into an archive. Running cases are not touched.

    There may be several at once; `code` is the build that archives.
    """

    client: Client
    archive: Archive
    store: Store
    code: str
    clock: Clock = utc_now

    async def sweep(self, told: Callable[[int], object] = lambda _done: None) -> Swept:
        """One sweep over all tenants; `told` hears how many runs were looked at.

        Raises:
            ArchiveDown, StoreDown, RPCError: sweep again later; nothing is half done.
            ArchiveDamaged: the list of a tenant is broken; nothing is listed until it is mended.
        """
        swept, lists = Swept(), Lists(self.archive, self.store, self.clock())
        finished = await lists.finished()
        async for part in parts(ended(self.client), PART):
            swept.looked += len(part)
            swept.lost += [
                run.id for run in part if run.status in LOST and not await went_on(self.client, run)
            ]
            wanted = [run for run in part if run.run_id not in finished]
            found = await bounded(lambda run: self._run(run, lists, swept), wanted, AT_ONCE)
            await self._list(lists, swept, (each for each in found if each))
            told(swept.looked)
        for tenant in list(lists.known):
            await self._rest(tenant, lists, swept)
            await lists.anchor(tenant)
        return swept

    async def _run(
        self, run: WorkflowExecution, lists: Lists, swept: Swept
    ) -> tuple[str, Listed] | None:
        """Archive a run that ended; whose it is, and what is to be listed."""
        history = await fetch_history(self.client, run.id, run.run_id)
        if history is None:
            return None
        try:
            converter = self.client.data_converter
            bundle = await bundle_of(converter, run.run_id, history, self.code, self.clock())
        except Unarchivable as error:
            swept.failed[run.id] = str(error)
            return None
        known = await lists.of(bundle.tenant)
        archived, bundle = await self._kept(bundle, swept, listed=bundle.path in known.files)
        return bundle.tenant, Listed.of(archived, bundle)

    async def _kept(self, bundle: Bundle, swept: Swept, *, listed: bool) -> tuple[Archived, Bundle]:
        """The file as it is, if it tells the same already; else it is written."""
        try:
            taken = await self.archive.take(bundle.path)
        except ArchiveDamaged:
            swept.mended += 1
            return await self.archive.write(bundle), bundle
        if taken is None:
            swept.restored += listed
            swept.archived += not listed
        elif alike(taken[1], bundle):
            return taken
        else:
            swept.completed += not taken[1].complete
            swept.mended += taken[1].complete
        return await self.archive.write(bundle), bundle

    async def _rest(self, tenant: str, lists: Lists, swept: Swept) -> None:
        """The files that were there and are not listed: their runs go on, or are forgotten."""
        known = await lists.of(tenant)
        unlisted = sorted(lists.there[tenant] - known.files.keys())
        for at in range(0, len(unlisted), PART):
            some = unlisted[at : at + PART]
            found = await bounded(lambda path: self._forgotten(path, swept), some, AT_ONCE)
            await self._list(lists, swept, ((tenant, each) for each in found if each))

    async def _forgotten(self, path: str, swept: Swept) -> Listed | None:
        """What is to be listed of a file whose run Temporal has forgotten: it will never change."""
        file = Archived(path, "", 0)
        if await is_known(self.client, file.number, file.run):
            swept.waiting += 1
            return None
        try:
            taken = await self.archive.take(path)
        except ArchiveDamaged as error:
            swept.failed[file.number] = str(error)
            return None
        if taken and await self._vouched(taken[1]):
            return Listed.of(*taken)
        swept.strangers += [path] if taken else []
        return None

    async def _vouched(self, bundle: Bundle) -> bool:
        """Whether the file fits itself, and the store knows the same entries."""
        if not bundle.entries or await bundle_finding(bundle, self.client.data_converter):
            return False
        entries = bundle.entries
        stored = await self.store.entries.of(bundle.tenant, bundle.number, limit=len(entries))
        return first_difference(bundle.number, stored, entries, "") is None

    async def _list(self, lists: Lists, swept: Swept, found: Iterable[tuple[str, Listed]]) -> None:
        for tenant, some in groupby(sorted(found, key=_whose), key=_whose):
            swept.listed += await lists.add(tenant, (listed for _, listed in some))


def _whose(found: tuple[str, Listed]) -> str:
    return found[0]
