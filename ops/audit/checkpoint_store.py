"""Where checkpoints are stored outside the database: one small file each, written once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from obstore.exceptions import AlreadyExistsError, BaseError

from runtime.message import Message
from store.archive.storage import check_archive_url, default_archive_url, open_storage
from store.errors import ArchiveDown

if TYPE_CHECKING:
    from obstore.store import ObjectStore


SUFFIX = ".json"
DIGITS = 10


class CheckpointStore:
    """A folder or a bucket, at `file:///folder` or `s3://bucket/prefix`.

    Every method raises `ArchiveDown` when the place does not answer or is full.
    """

    def __init__(self, url: str) -> None:
        check_archive_url(url, "BANJIE_CHECKPOINTS_URL")
        self.url = url
        self._opened: ObjectStore | None = None

    async def numbers(self, tenant: str) -> list[int]:
        """Return the numbers of the tenant's stored checkpoints, in order."""
        with _archive_errors():
            try:
                pages = [page async for page in self._objects().list(_folder(tenant))]
            except FileNotFoundError:
                pages = []  # nothing was ever written
        names = [meta["path"].rpartition("/")[2] for page in pages for meta in page]
        stems = [name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)]
        return sorted(int(stem) for stem in stems if stem.isdecimal())

    async def tenants(self) -> list[str]:
        """Return the tenants that have checkpoints."""
        with _archive_errors():
            try:
                listing = await self._objects().list_with_delimiter_async()
            except FileNotFoundError:
                return []  # nothing was ever written
        return sorted(unquote(folder.strip("/")) for folder in listing["common_prefixes"])

    async def read(self, tenant: str, n: int) -> str | None:
        """Return a checkpoint as it was written, or None if there is none."""
        with _archive_errors():
            try:
                result = await self._objects().get_async(_path(tenant, n))
            except FileNotFoundError:
                return None
            return bytes(await result.bytes_async()).decode("utf-8", "replace")

    async def write(self, tenant: str, n: int, document: str) -> bool:
        """Write a checkpoint; return False if a different one is stored under its number."""
        with _archive_errors():
            try:
                await self._objects(make=True).put_async(
                    _path(tenant, n), document.encode(), mode="create"
                )
            except AlreadyExistsError:
                return await self.read(tenant, n) == document
            return True

    def _objects(self, *, make: bool = False) -> "ObjectStore":
        if self._opened is None:
            self._opened = open_storage(self.url, make=make)
        return self._opened


def default_checkpoints_url(database_url: str) -> str:
    """Return the default address: beside the archive."""
    return default_archive_url(database_url).removesuffix("archive") + "checkpoints"


def _folder(tenant: str) -> str:
    return quote(tenant, safe="")


def _path(tenant: str, n: int) -> str:
    return f"{_folder(tenant)}/{n:0{DIGITS}d}{SUFFIX}"


@contextmanager
def _archive_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ArchiveDown(
            Message("The checkpoints' place does not answer: %(reason)s.", reason=reason)
        ) from error
