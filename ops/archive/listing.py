"""The lists of what is final in the archive, for a sweep that may not be alone."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue

from domain.people import Actor, ActorKind
from ops.audit.heads import LISTED, anchors
from store import Store
from store.archive import Archive, Archived, Known, Listed, Manifests

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
        """Write into the ledger of the store what it does not know yet of the list.

        The ledger is sealed and signed: a list that is cut or written anew is found by it.
        """
        known = await self.of(tenant)
        told = {n for n, _ in await anchors(self._store, tenant)}
        for n, sha256 in sorted(known.parts.items()):
            if n not in told and sha256:
                details: dict[str, JsonValue] = {"n": n, "sha256": sha256}
                await self._store.audit.act(tenant, SWEEP, LISTED, str(n), details=details)

    async def _stands(self, listed: Listed) -> bool:
        now = await self._archive.found(listed.path)
        return now is not None and now.sha256 == listed.sha256


def _is_news(known: Known, listed: Listed) -> bool:
    there = known.files.get(listed.path)
    return there is None or there.sha256 != listed.sha256
