"""One place that keeps whole objects, opened when it is first needed; a folder or a bucket."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from store.errors import WrongUrl

if TYPE_CHECKING:
    from obstore.store import ObjectStore
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, BaseError

from store.errors import ArchiveDown

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore


CONNECTING = timedelta(seconds=5)
ANSWERING = timedelta(seconds=30)
TRYING = timedelta(seconds=15)
TRIES = 3
KNOWN = ("file", "s3")


def beside(database_url: str) -> str:
    """The archive's address where none is given: beside the database's file, else `.banjie`."""
    scheme, _, file = database_url.partition(":///")
    path = Path(file.partition("?")[0]) if scheme.startswith("sqlite") else Path(".banjie/-")
    return (path.absolute().parent / "archive").as_uri()


def check(url: str) -> None:
    """Refuse an address that names no archive.

    Raises:
        WrongUrl
    """
    parts = urlsplit(url)
    named = parts.netloc if parts.scheme == "s3" else not parts.netloc and parts.path[:1] == "/"
    if parts.scheme not in KNOWN or not named:
        raise WrongUrl(
            f"{parts.scheme or 'This'} is no address of an archive: say file:///folder or "
            "s3://bucket/prefix."
        )


def open_place(url: str, *, make: bool) -> "ObjectStore":
    """The place at this address; to write, a folder is made if need be, for its owner alone.

    A bucket's credentials, region and endpoint are the usual settings (`AWS_…`) of the process.

    Raises:
        FileNotFoundError: the folder is not there, and was not to be made.
        OSError: it cannot be made.
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
            "connect_timeout": CONNECTING,
            "timeout": ANSWERING,
            "allow_http": True,  # only an endpoint that says http:// itself is spoken to so
        },
        retry_config={"max_retries": TRIES, "retry_timeout": TRYING},
    )


PROBE = "probe"


class Place:
    """Every method raises `ArchiveDown` when the place does not answer or is full."""

    def __init__(self, url: str) -> None:
        check(url)
        self._url = url
        self._opened: ObjectStore | None = None

    async def put(self, path: str, held: bytes) -> None:
        """Keep it; what was there is replaced in one go."""
        with _asked():
            # In parts it would be no single act on S3; a run is a few dozen KiB.
            await self._place(make=True).put_async(path, held, use_multipart=False)

    async def create(self, path: str, held: bytes) -> bool:
        """Keep it if nothing is there; whether nothing was."""
        with _asked():
            place = self._place(make=True)
            try:
                await place.put_async(path, held, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    async def probe(self) -> None:
        """See whether anything can be kept; what was written for that is taken away again."""
        with _asked():
            place = self._place(make=True)
            await place.put_async(PROBE, b"", use_multipart=False)
            await place.delete_async(PROBE)

    async def get(self, path: str) -> bytes | None:
        """What is kept there, if anything is."""
        with _asked():
            try:
                found = await self._place().get_async(path)
            except FileNotFoundError:
                return None
            return bytes(await found.bytes_async())

    async def start(self, path: str, length: int) -> bytes:
        """The first bytes of what is there and is not shorter."""
        with _asked():
            return bytes(await self._place().get_range_async(path, start=0, length=length))

    async def under(self, folder: str, suffix: str) -> list["ObjectMeta"]:
        """All with such names, in order; a place lists them in an order of its own."""
        with _asked():
            try:
                pages = [page async for page in self._place().list(folder)]
            except FileNotFoundError:
                pages = []  # nothing was ever written
        metas = [meta for page in pages for meta in page if meta["path"].endswith(suffix)]
        return sorted(metas, key=lambda meta: meta["path"])

    async def folders(self) -> list[str]:
        """The folders at the top."""
        with _asked():
            try:
                found = await self._place().list_with_delimiter_async()
            except FileNotFoundError:
                return []
        return sorted(folder.strip("/") for folder in found["common_prefixes"])

    def _place(self, *, make: bool = False) -> "ObjectStore":
        if self._opened is None:
            self._opened = open_place(self._url, make=make)
        return self._opened


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # The rest of its text is for those who write the library.
        said = str(error).partition("\n")[0].rstrip(".")
        raise ArchiveDown(f"The archive does not answer: {said}.") from error
