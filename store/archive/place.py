"""One place that keeps whole objects, opened when it is first needed; a folder or a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, BaseError

from store.archive.places import check, open_place
from store.errors import ArchiveDown

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

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
