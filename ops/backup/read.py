"""Reads a backup from start to end and holds it against the list of its contents."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from ops.backup.errors import Damaged, NothingThere
from ops.backup.layout import DATABASES, MANIFEST, belongs
from ops.backup.manifest import PART, Hashing, Manifest, Member

MANIFEST_MAX = 256 * 1024 * 1024
Use = Callable[[str, Hashing], None]
"""What is done with a member; all of it is read."""

UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


def check(file: Path) -> Manifest:
    """The manifest of a backup in which everything is as it was written.

    Raises:
        NothingThere, Damaged
    """
    return walk(file, _only_read)


def walk(file: Path, use: Use) -> Manifest:
    """Hand over every member, and then tell whether all of them were what was written.

    Raises:
        NothingThere: there is no such file.
        Damaged: what was handed over is not to be used.
    """
    there(file)
    with _read(file) as tar:
        found, manifest = _members(tar, use, file)
    if manifest is None:
        raise _damaged(file, "it ends before its list of contents")
    _compare(file, found, manifest)
    return manifest


def there(file: Path) -> None:
    """Refuse a file that is not there.

    Raises:
        NothingThere
    """
    if not file.is_file():
        raise NothingThere(f"There is no file {file}.")


def _members(
    tar: tarfile.TarFile, use: Use, file: Path
) -> tuple[dict[str, Member], Manifest | None]:
    found: dict[str, Member] = {}
    for info in tar:
        content = tar.extractfile(info) if info.isreg() else None
        if content is None:
            raise _damaged(file, f"{info.name!r} is no plain file")
        if info.name == MANIFEST:
            return found, _manifest(file, content)
        if info.name in found or not belongs(PurePosixPath(info.name)):
            raise _damaged(file, f"{info.name!r} does not belong in it")
        hashing = Hashing(content)
        use(info.name, hashing)
        found[info.name] = hashing.member(info.name)
    return found, None


def _only_read(_path: str, content: Hashing) -> None:
    for _ in content.parts():
        pass


def _manifest(file: Path, content: IO[bytes]) -> Manifest:
    try:
        return Manifest.model_validate_json(content.read(MANIFEST_MAX))
    except ValidationError:
        raise _damaged(file, "its list of contents cannot be read") from None


def _compare(file: Path, found: dict[str, Member], manifest: Manifest) -> None:
    told = {member.path: member for member in manifest.members}
    if lost := sorted(set(told) ^ set(found) | set(DATABASES) - set(told)):
        raise _damaged(file, f"{lost[0]} is missing, or is in it unasked")
    if changed := sorted(path for path, member in told.items() if found[path] != member):
        raise _damaged(file, f"{changed[0]} is not what was written")


@contextmanager
def _read(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with gzip.open(file) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            yield tar
            # To the very end, where the checksum of the whole is.
            while plain.read(PART):
                pass
    except UNREADABLE as error:
        raise _damaged(file, f"it cannot be read to its end ({type(error).__name__})") from None


def _damaged(file: Path, why: str) -> Damaged:
    return Damaged(f"{file} is no backup that can be used: {why}. Nothing was restored from it.")
