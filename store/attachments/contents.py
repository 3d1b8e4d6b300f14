"""The content of attachments in object storage, each under a key that nobody can guess."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from runtime.message import Message
from store.archive.bundle import case_folder, tenant_folder
from store.archive.storage import ObjectStorage, default_archive_url
from store.attachments.attachments import StoredAttachment
from store.errors import ArchiveDamaged, ArchiveDown, AttachmentDamaged, AttachmentsDown


def default_attachments_url(database_url: str) -> str:
    """Return the folder beside the archive's."""
    return default_archive_url(database_url).removesuffix("archive") + "attachments"


@dataclass(frozen=True)
class StoredContent:
    """A content as it lies in the storage, written at `at`; `path` is where."""

    path: str
    number: str
    key: str
    at: datetime


class AttachmentContents:
    """The contents at an address: `file:///folder`, or `s3://bucket/prefix`.

    Every method raises `AttachmentsDown` when the storage does not answer, is full, or not known.
    """

    def __init__(self, url: str | None) -> None:
        self._objects = ObjectStorage(url) if url else None

    async def put(self, tenant: str, number: str, key: str, content: bytes) -> None:
        """Write a content."""
        with _storage_errors():
            await self._storage.put(_path(tenant, number, key), content)

    async def get(self, attachment: StoredAttachment) -> bytes:
        """Return the content of an attachment, exactly as it was attached.

        Raises:
            AttachmentDamaged: it is gone, or not what was attached; it is not given out.
        """
        content, path = None, _path(attachment.tenant, attachment.number, attachment.key)
        with suppress(ArchiveDamaged), _storage_errors():
            content = await self._storage.get(path)
        if content is None or hashlib.sha256(content).hexdigest() != attachment.sha256:
            raise AttachmentDamaged(attachment.number, attachment.seq)
        return content

    async def remove(self, tenant: str, number: str, key: str) -> None:
        """Remove a content; nothing happens if there is none."""
        with _storage_errors():
            await self._storage.delete(_path(tenant, number, key))

    async def probe(self) -> None:
        """Check that contents can be written, with one that is removed again."""
        with _storage_errors():
            await self._storage.probe()

    async def size(self, attachment: StoredAttachment) -> int | None:
        """Return how many bytes the content of an attachment has, None if it is gone."""
        path = _path(attachment.tenant, attachment.number, attachment.key)
        with _storage_errors():
            return await self._storage.size(path)

    async def some(self, tenant: str, most: int) -> list[StoredContent]:
        """Return contents of a tenant as they lie there, about `most` of them if there are more."""
        with _storage_errors():
            metas = await self._storage.first(tenant_folder(tenant), most)
        return [_stored(meta["path"], meta["last_modified"]) for meta in metas]

    @property
    def _storage(self) -> ObjectStorage:
        if self._objects is None:
            raise AttachmentsDown(Message("This process knows no place for attachments."))
        return self._objects


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except ArchiveDown as error:
        raise AttachmentsDown(str(error)) from error


def _stored(path: str, at: datetime) -> StoredContent:
    *_, number, key = ("", *path.split("/"))
    return StoredContent(path, unquote(number), key, at)


def _path(tenant: str, number: str, key: str) -> str:
    return f"{case_folder(tenant, number)}/{key}"
