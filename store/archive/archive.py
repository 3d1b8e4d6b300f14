"""Writes and reads the archive: one file per run, whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import ValidationError

from store.archive.bundle import SUFFIX, Archived, Bundle, case_folder, tenant_folder
from store.archive.place import Place
from store.archive.seal import SEALED, Broken, seal, seal_of, unseal
from store.errors import ArchiveDamaged

if TYPE_CHECKING:
    from obstore import ObjectMeta

AT_ONCE = 32


class Archive:
    """The archive at an address: `file:///folder`, or `s3://bucket/prefix`.

    Every method raises `ArchiveDown` when the place does not answer or is full.
    """

    def __init__(self, url: str) -> None:
        self.place = Place(url)

    async def write(self, bundle: Bundle) -> Archived:
        """Keep a run; one that is there already is replaced in one go."""
        sealed = await asyncio.to_thread(lambda: seal(bundle.model_dump_json().encode()))
        await self.place.put(bundle.path, sealed)
        return Archived(bundle.path, seal_of(sealed), len(sealed))

    async def runs(self, tenant: str, number: str) -> list[Archived]:
        """The files of a case, its first run first."""
        return [found async for found in self._under(case_folder(tenant, number))]

    async def all(self, tenant: str) -> AsyncIterator[Archived]:
        """All files of a tenant; those of one case one after the other, its first run first."""
        async for found in self._under(tenant_folder(tenant)):
            yield found

    async def paths(self, tenant: str) -> list[str]:
        """The names of all files of a tenant, in the same order; no file is looked at."""
        return [meta["path"] for meta in await self.place.under(tenant_folder(tenant), SUFFIX)]

    async def tenants(self) -> list[str]:
        """Whose files are there."""
        return [unquote(folder) for folder in await self.place.folders()]

    async def found(self, path: str) -> Archived | None:
        """The file of this name as it is now, if it is there."""
        held = await self.place.get(path)
        return None if held is None else Archived(path, seal_of(held[:SEALED]), len(held))

    async def take(self, path: str) -> tuple[Archived, Bundle] | None:
        """The file of this name as it is now, and what it holds; None if it is not there.

        Raises:
            ArchiveDamaged: it is not what was written.
        """
        held = await self.place.get(path)
        if held is None:
            return None
        archived = Archived(path, seal_of(held[:SEALED]), len(held))
        return archived, await _opened(held, archived)

    async def read(self, archived: Archived) -> Bundle:
        """What a file holds, if it is still what was written.

        Raises:
            ArchiveDamaged: it is not, or not what was asked for; or it is gone.
        """
        held = await self.place.get(archived.path)
        if held is None:
            raise ArchiveDamaged(archived.path, "it is gone")
        return await _opened(held, archived)

    async def read_now(self, archived: Archived) -> Bundle:
        """The same, also if the file was replaced since it was listed: a sweep may have done it.

        Raises:
            ArchiveDamaged: it is not what was written, or gone.
        """
        taken = await self.take(archived.path)
        if taken is None:
            raise ArchiveDamaged(archived.path, "it is gone")
        return taken[1]

    async def _under(self, folder: str) -> AsyncIterator[Archived]:
        metas = await self.place.under(folder, SUFFIX)
        for at in range(0, len(metas), AT_ONCE):
            some = metas[at : at + AT_ONCE]
            for archived in await asyncio.gather(*(self._look(meta) for meta in some)):
                yield archived

    async def _look(self, meta: "ObjectMeta") -> Archived:
        path, size = meta["path"], meta["size"]
        start = await self.place.start(path, SEALED) if size >= SEALED else b""
        return Archived(path, seal_of(start), size)


async def _opened(sealed: bytes, archived: Archived) -> Bundle:
    try:
        return await asyncio.to_thread(_unpacked, sealed, archived)
    except Broken as error:
        raise ArchiveDamaged(archived.path, str(error)) from None


def _unpacked(sealed: bytes, archived: Archived) -> Bundle:
    text = unseal(sealed)
    if seal_of(sealed) != archived.sha256:
        raise Broken("it is another one than was listed")
    try:
        bundle = Bundle.model_validate_json(text)
    except ValidationError:
        raise Broken("it holds no archived run") from None
    if (bundle.tenant, bundle.number, bundle.run) != (
        archived.tenant,
        archived.number,
        archived.run,
    ):
        raise Broken(f"it holds run {bundle.run} of {bundle.number}, which belongs elsewhere")
    return bundle
