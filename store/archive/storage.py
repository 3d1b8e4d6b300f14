"""Object storage, a folder or a bucket, that keeps whole objects; opened when first needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError

from runtime.message import Message
from store.archive.checked_gzip import MAX_FILE
from store.errors import ArchiveDamaged, ArchiveDown, WrongUrl

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

CONNECT_TIMEOUT = timedelta(seconds=5)
REQUEST_TIMEOUT = timedelta(seconds=30)
RETRY_TIMEOUT = timedelta(seconds=15)
MAX_RETRIES = 3
SCHEMES = ("file", "s3")
PROBE = "probe"


def default_archive_url(database_url: str) -> str:
    """Return the archive beside the database's file, or in `.banjie` for other databases."""
    scheme, _, file = database_url.partition(":///")
    path = Path(file.partition("?")[0]) if scheme.startswith("sqlite") else Path(".banjie/-")
    return (path.absolute().parent / "archive").as_uri()


def check_archive_url(url: str, variable: str = "BANJIE_ARCHIVE_URL") -> None:
    """Refuse an address that names no archive; `variable` is where it comes from.

    Raises:
        WrongUrl
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise WrongUrl(
            Message("This address cannot be read: say file:///folder."), variable
        ) from None
    is_s3 = parts.scheme == "s3"
    has_target = parts.netloc if is_s3 else not parts.netloc and parts.path[:1] == "/"
    if parts.scheme not in SCHEMES or not has_target:
        raise WrongUrl(
            Message(
                "%(value)s is no address of an archive: say file:///folder or s3://bucket/prefix.",
                value=parts.scheme or "This",
            ),
            variable,
        )


def open_storage(url: str, *, make: bool) -> "ObjectStore":
    """Return the storage at this address; `make` creates a missing folder, for its owner alone.

    A bucket's credentials, region and endpoint are the usual settings (`AWS_…`) of the process.

    Raises:
        FileNotFoundError: the folder does not exist, and is not to be created.
        OSError: the folder cannot be created.
    """
    from obstore.store import LocalStore, S3Store  # noqa: PLC0415 — 30 ms that most never need

    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if make:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.stat()
        return LocalStore(folder)
    return S3Store.from_url(
        url,
        client_options={
            "connect_timeout": CONNECT_TIMEOUT,
            "timeout": REQUEST_TIMEOUT,
            "allow_http": True,  # used only for an endpoint that itself says http://
        },
        retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
    )


class ObjectStorage:
    """Every method raises `ArchiveDown` when the storage does not answer or is full."""

    def __init__(self, url: str) -> None:
        check_archive_url(url)
        self._url = url
        self._opened: ObjectStore | None = None

    async def put(self, path: str, content: bytes) -> None:
        """Write an object; an existing one is replaced atomically."""
        with _archive_errors():
            # Not in parts, since those are not atomic on S3; a run is a few dozen KiB.
            await self._store(make=True).put_async(path, content, use_multipart=False)

    async def create(self, path: str, content: bytes) -> bool:
        """Write an object unless there is one; return whether it was written."""
        with _archive_errors():
            store = self._store(make=True)
            try:
                await store.put_async(path, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    async def probe(self) -> None:
        """Check that objects can be written, with one that is deleted again."""
        with _archive_errors():
            store = self._store(make=True)
            await store.put_async(PROBE, b"", use_multipart=False)
            await store.delete_async(PROBE)

    async def get(self, path: str) -> bytes | None:
        """Return the content of an object, None if there is none.

        Raises:
            ArchiveDamaged: it is larger than anything that is written there; it is not read.
        """
        with _archive_errors():
            try:
                result = await self._store().get_async(path)
            except FileNotFoundError:
                return None
            if result.meta["size"] > MAX_FILE:
                raise ArchiveDamaged(
                    path, Message("it is larger than %(max_file)s bytes", max_file=MAX_FILE)
                )
            return bytes(await result.bytes_async())

    async def get_start(self, path: str, length: int) -> bytes:
        """Return the first bytes of an object that is at least that long."""
        with _archive_errors():
            return bytes(await self._store().get_range_async(path, start=0, length=length))

    async def delete(self, path: str) -> None:
        """Delete an object; nothing happens if there is none."""
        with _archive_errors():
            try:
                await self._store().delete_async(path)
            except FileNotFoundError:
                return

    async def objects(self, folder: str, suffix: str) -> list["ObjectMeta"]:
        """Return the objects of a folder whose paths end so, sorted: storages do not sort alike."""
        with _archive_errors():
            try:
                pages = [page async for page in self._store().list(folder)]
            except FileNotFoundError:
                pages = []  # nothing was ever written
        metas = [meta for page in pages for meta in page if meta["path"].endswith(suffix)]
        return sorted(metas, key=lambda meta: meta["path"])

    async def first(self, folder: str, most: int) -> list["ObjectMeta"]:
        """Return objects of a folder, and of those in it, in the storage's order; not all of many.

        More than `most` come only as far as the storage hands them out together.
        """
        metas: list[ObjectMeta] = []
        with _archive_errors():
            try:
                async for page in self._store().list(folder):
                    metas += page
                    if len(metas) >= most:
                        break
            except FileNotFoundError:
                return []  # nothing was ever written
        return metas

    async def size(self, path: str) -> int | None:
        """Return how many bytes an object has, None if there is none."""
        with _archive_errors():
            try:
                return int((await self._store().head_async(path))["size"])
            except FileNotFoundError:
                return None

    async def folders(self) -> list[str]:
        """Return the top-level folders."""
        with _archive_errors():
            try:
                listing = await self._store().list_with_delimiter_async()
            except FileNotFoundError:
                return []
        return sorted(folder.strip("/") for folder in listing["common_prefixes"])

    def _store(self, *, make: bool = False) -> "ObjectStore":
        if self._opened is None:
            self._opened = open_storage(self._url, make=make)
        return self._opened


@contextmanager
def _archive_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # The lines after the first are for the library's developers.
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ArchiveDown(
            Message("The archive does not answer: %(reason)s.", reason=reason)
        ) from error
