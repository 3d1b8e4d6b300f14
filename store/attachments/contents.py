"""The content of attachments in object storage, each under a key that nobody can guess."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from runtime.message import Message
from store.archive.bundle import case_folder
from store.archive.storage import ObjectStorage, default_archive_url
from store.attachments.attachments import StoredAttachment
from store.errors import ArchiveDamaged, ArchiveDown, AttachmentDamaged, AttachmentsDown


def default_attachments_url(database_url: str) -> str:
    """Return the folder beside the archive's."""
    return default_archive_url(database_url).removesuffix("archive") + "attachments"


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


def _path(tenant: str, number: str, key: str) -> str:
    return f"{case_folder(tenant, number)}/{key}"
