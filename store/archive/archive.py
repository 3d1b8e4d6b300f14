"""The archive: one file per run, written whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import ValidationError

from runtime.message import Message
from store.archive.bundle import SUFFIX, ArchivedFile, Bundle, case_folder, tenant_folder
from store.archive.checked_gzip import (
    HEADER_BYTES,
    BrokenFile,
    checksum_of,
    compress,
    decompress,
)
from store.archive.storage import ObjectStorage
from store.errors import ArchiveDamaged

if TYPE_CHECKING:
    from obstore import ObjectMeta

CONCURRENT_READS = 32


class Archive:
    """The archive at an address: `file:///folder`, or `s3://bucket/prefix`.

    Every method raises `ArchiveDown` when the storage does not answer or is full.
    """

    def __init__(self, url: str) -> None:
        self.storage = ObjectStorage(url)

    async def write(self, bundle: Bundle) -> ArchivedFile:
        """Write a run; an existing file of it is replaced atomically."""
        file = await asyncio.to_thread(lambda: compress(bundle.model_dump_json().encode()))
        await self.storage.put(bundle.path, file)
        return ArchivedFile(bundle.path, checksum_of(file), len(file))

    async def runs(self, tenant: str, number: str) -> list[ArchivedFile]:
        """Return the files of a case, its first run first."""
        return [file async for file in self._in_folder(case_folder(tenant, number))]

    async def all(self, tenant: str) -> AsyncIterator[ArchivedFile]:
        """Yield all files of a tenant, case by case, each case's first run first."""
        async for file in self._in_folder(tenant_folder(tenant)):
            yield file

    async def paths(self, tenant: str) -> list[str]:
        """Return the paths of all files of a tenant, in the same order; no file is opened."""
        return [meta["path"] for meta in await self.storage.objects(tenant_folder(tenant), SUFFIX)]

    async def tenants(self) -> list[str]:
        """Return the tenants that have files."""
        return [unquote(folder) for folder in await self.storage.folders()]

    async def stat(self, path: str) -> ArchivedFile | None:
        """Return the file at this path as it is now, None if there is none."""
        try:
            file = await self.storage.get(path)
        except ArchiveDamaged:
            return ArchivedFile(path, "", 0)
        return None if file is None else _archived(path, file)

    async def get(self, path: str) -> tuple[ArchivedFile, Bundle] | None:
        """Return the file at this path as it is now, and its content; None if there is none.

        Raises:
            ArchiveDamaged: the file is not what was written.
        """
        file = await self.storage.get(path)
        if file is None:
            return None
        archived = _archived(path, file)
        return archived, await _open(file, archived)

    async def read(self, archived: ArchivedFile) -> Bundle:
        """Return the content of a file that has not changed since it was listed.

        Raises:
            ArchiveDamaged: the file is not what was written, another one than was listed, or gone.
        """
        file = await self.storage.get(archived.path)
        if file is None:
            raise ArchiveDamaged(archived.path, Message("it is gone"))
        return await _open(file, archived)

    async def read_current(self, archived: ArchivedFile) -> Bundle:
        """Return the content of a file, even if a sweep has replaced it since it was listed.

        Raises:
            ArchiveDamaged: the file is not what was written, or gone.
        """
        current = await self.get(archived.path)
        if current is None:
            raise ArchiveDamaged(archived.path, Message("it is gone"))
        return current[1]

    async def _in_folder(self, folder: str) -> AsyncIterator[ArchivedFile]:
        metas = await self.storage.objects(folder, SUFFIX)
        for start in range(0, len(metas), CONCURRENT_READS):
            some = metas[start : start + CONCURRENT_READS]
            for archived in await asyncio.gather(*(self._stat(meta) for meta in some)):
                yield archived

    async def _stat(self, meta: "ObjectMeta") -> ArchivedFile:
        path, size = meta["path"], meta["size"]
        start = await self.storage.get_start(path, HEADER_BYTES) if size >= HEADER_BYTES else b""
        return ArchivedFile(path, checksum_of(start), size)


def _archived(path: str, file: bytes) -> ArchivedFile:
    return ArchivedFile(path, checksum_of(file[:HEADER_BYTES]), len(file))


async def _open(file: bytes, archived: ArchivedFile) -> Bundle:
    try:
        return await asyncio.to_thread(_parse, file, archived)
    except BrokenFile as error:
        raise ArchiveDamaged(archived.path, str(error)) from None


def _parse(file: bytes, archived: ArchivedFile) -> Bundle:
    text = decompress(file)
    if checksum_of(file) != archived.sha256:
        raise BrokenFile(Message("it is another one than was listed"))
    try:
        bundle = Bundle.model_validate_json(text)
    except ValidationError:
        raise BrokenFile(Message("it holds no archived run")) from None
    if (bundle.tenant, bundle.number, bundle.run) != (
        archived.tenant,
        archived.number,
        archived.run,
    ):
        raise BrokenFile(
            Message(
                "it holds run %(run)s of %(number)s, which belongs elsewhere",
                run=bundle.run,
                number=bundle.number,
            )
        )
    return bundle
