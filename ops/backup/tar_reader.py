"""Reads a backup's tar file within bounds: whoever made it, it cannot fill memory or the disk.

What we write is plain files, with a pax header where a path is long. Nothing else is read: other
kinds of headers are refused before Python's `tarfile` interprets them.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self, cast

from runtime.message import Message

READ = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.XHDTYPE)
MAX_PAX_HEADER = 16 * 1024
"""A path and a length take some hundred bytes."""
BASE, EXPANSION = 64 * 1024 * 1024, 100
"""A file may unpack to so many bytes, and to so many for each of its own: SQLite's pages shrink to
a tenth; what does not is compacted before it is packed."""
BASE_MEMBERS, BYTES_PER_MEMBER = 1000, 64
"""A member's hash alone, which no compression makes shorter, takes half as many."""
ENDS_EARLY = Message("it cannot be read to its end")


class Unusable(Exception):
    """The file is not one that we write; the message says how that shows."""


class UnpackedStream:
    """The unpacked bytes of a gzip file, counted; more than it may have are refused."""

    def __init__(self, packed: gzip.GzipFile, size: int) -> None:
        self._packed, self._limit, self._count = packed, BASE + EXPANSION * size, 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            Unusable: there are too many.
        """
        chunk = self._packed.read(size)
        self._count += len(chunk)
        if self._count > self._limit:
            raise Unusable(
                Message(
                    "it unpacks to more than %(limit)s bytes, which no backup does",
                    limit=self._limit,
                )
            )
        return chunk


class PlainTarInfo(tarfile.TarInfo):
    """A header; only those of plain files are read at all."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header in these bytes.

        Raises:
            Unusable: it is of a kind that we never write.
        """
        info = super().frombuf(buf, encoding, errors)
        if info.type not in READ or info.size < 0:
            raise Unusable(Message("%(name)s is no plain file", name=f"{info.name!r}"))
        if info.type == tarfile.XHDTYPE and info.size > MAX_PAX_HEADER:
            raise Unusable(
                Message(
                    "the header of a file is longer than %(max_pax_header)s bytes",
                    max_pax_header=MAX_PAX_HEADER,
                )
            )
        return info


@contextmanager
def open_backup(file: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Yield the paths and contents of a backup's members, in their order; each is read at once.

    Raises:
        Unusable: the file is cut, damaged, or not one that we write.
    """
    size = file.stat().st_size
    try:
        with gzip.open(file) as packed:
            stream = UnpackedStream(packed, size)
            yield _members(stream, BASE_MEMBERS + size // BYTES_PER_MEMBER)
            # The checksum of the whole file is at its very end.
            while stream.read(MAX_PAX_HEADER):
                pass
    except (gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError) as error:
        raise Unusable(f"{ENDS_EARLY} ({type(error).__name__})") from None


def _members(stream: UnpackedStream, limit: int) -> Iterator[tuple[str, IO[bytes]]]:
    tar = _open_tar(stream)
    count = 0
    while info := _next_header(tar):
        count += 1
        if count > limit:
            raise Unusable(
                Message(
                    "it holds more than %(limit)s files, which no backup of its size does",
                    limit=limit,
                )
            )
        # Else `tarfile` would keep all headers.
        cast("Any", tar).members.clear()
        content = tar.extractfile(info)
        if content is None or info.issparse():
            raise Unusable(Message("%(name)s is no plain file", name=f"{info.name!r}"))
        yield info.name, content


def _open_tar(stream: UnpackedStream) -> tarfile.TarFile:
    with _header_errors():
        # It reads, and does no more with it.
        file = cast("IO[bytes]", stream)
        return tarfile.open(fileobj=file, mode="r|", tarinfo=PlainTarInfo)


def _next_header(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    with _header_errors():
        return tar.next()


@contextmanager
def _header_errors() -> Iterator[None]:
    """Refuse a header on which `tarfile` fails; it expects none that was made to mislead."""
    try:
        yield
    except Unusable:
        raise
    except (ValueError, LookupError, OverflowError, RecursionError, TypeError) as error:
        raise Unusable(
            Message("the header of a file cannot be read (%(error)s)", error=type(error).__name__)
        ) from None
