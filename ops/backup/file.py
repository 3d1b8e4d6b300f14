"""The backup file: what of a data folder goes into it, its manifest, and how it is read.

A backup is a compressed tar file; its manifest, with the hash of every other file, comes last.
"""

import gzip
import hashlib
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.language.forms import Instant
from ops.backup.errors import Damaged, NothingThere

ENGINE, STORE = "temporal.db", "banjie.db"
DATABASES = (ENGINE, STORE)
"""In the order in which they are copied; the store is locked meanwhile."""
TREES = ("archive", "checkpoints")
CLIENT = "client.json"
MANIFEST = "manifest.json"
MANIFEST_MAX = 256 * 1024 * 1024
CHUNK = 1024 * 1024

PUBLIC = re.compile(r"[\w.-]+\.pub(\.pem)?")
SECRET = re.compile(r"secret|[\w.-]+\.(key|pem)")
STAGED = re.compile(r"#\d+$")
"""A file that the archive is just writing; it gets its name when it is whole."""
UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


class Member(BaseModel):
    """One file: its path in the data folder, its size, its SHA-256."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup contains; `keys` says whether private keys are among it."""

    model_config = ConfigDict(frozen=True)

    format: Literal["banjie.backup.v1"] = "banjie.backup.v1"
    banjie: str
    made_at: Instant
    keys: bool
    members: tuple[Member, ...]

    @property
    def bytes(self) -> int:
        """The size on disk once it is unpacked."""
        return sum(member.bytes for member in self.members)


class HashingReader:
    """A file that is read once, and hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        chunk = self._file.read(size)
        self._hash.update(chunk)
        self.bytes += len(chunk)
        return chunk

    def chunks(self) -> Iterator[bytes]:
        """Yield all that is left, in chunks."""
        while chunk := self.read(CHUNK):
            yield chunk

    def member(self, path: str) -> Member:
        """Return what was read so far as a member of a manifest."""
        return Member(path=path, bytes=self.bytes, sha256=self._hash.hexdigest())


UseMember = Callable[[str, HashingReader], None]
"""Called with each member's path and content, which it reads to the end."""


def verify_backup(file: Path) -> Manifest:
    """Return the manifest of a backup in which everything is as it was written.

    Raises:
        NothingThere, Damaged
    """
    return read_members(file, _read_only)


def read_members(file: Path, use: UseMember) -> Manifest:
    """Pass every member to `use`, and return the manifest if all of them are as it says.

    Raises:
        NothingThere: there is no such file.
        Damaged: what was passed on is not to be used.
    """
    refuse_missing(file)
    with _open(file) as tar:
        members, manifest = _members(tar, use, file)
    if manifest is None:
        raise _damaged(file, "it ends before its list of contents")
    _compare(file, members, manifest)
    return manifest


def refuse_missing(file: Path) -> None:
    """Refuse a file that does not exist.

    Raises:
        NothingThere
    """
    if not file.is_file():
        raise NothingThere(f"There is no file {file}.")


def is_secret(name: str) -> bool:
    """Whether a file is a private key; `client.json` is one by its content."""
    return PUBLIC.fullmatch(name) is None and SECRET.fullmatch(name) is not None


def key_files(folder: Path) -> Iterator[str]:
    """Yield the key files in a data folder, public and secret ones."""
    for path in sorted(folder.iterdir()):
        is_key = PUBLIC.fullmatch(path.name) or SECRET.fullmatch(path.name)
        if is_key and path.is_file() and not path.is_symlink():
            yield path.name


def tree_files(folder: Path) -> Iterator[str]:
    """Yield the files of the archive and of the checkpoints, as they are just now."""
    for tree in TREES:
        for path in sorted((folder / tree).rglob("*")):
            if path.is_file() and not path.is_symlink() and not STAGED.search(path.name):
                yield path.relative_to(folder).as_posix()


def _members(
    tar: tarfile.TarFile, use: UseMember, file: Path
) -> tuple[dict[str, Member], Manifest | None]:
    members: dict[str, Member] = {}
    for info in tar:
        content = tar.extractfile(info) if info.isreg() else None
        if content is None:
            raise _damaged(file, f"{info.name!r} is no plain file")
        if info.name == MANIFEST:
            return members, _manifest(file, content)
        if info.name in members or not _belongs(PurePosixPath(info.name)):
            raise _damaged(file, f"{info.name!r} does not belong in it")
        reader = HashingReader(content)
        use(info.name, reader)
        members[info.name] = reader.member(info.name)
    return members, None


def _belongs(path: PurePosixPath) -> bool:
    """Whether a member has a place in a data folder: nothing else is ever unpacked."""
    first, *more = path.parts or ("",)
    if path.is_absolute() or any(part in ("..", ".", "") for part in path.parts):
        return False
    if first in TREES:
        return bool(more)
    known = first in (*DATABASES, CLIENT) or PUBLIC.fullmatch(first) or SECRET.fullmatch(first)
    return bool(known) and not more


def _manifest(file: Path, content: IO[bytes]) -> Manifest:
    try:
        return Manifest.model_validate_json(content.read(MANIFEST_MAX))
    except ValidationError:
        raise _damaged(file, "its list of contents cannot be read") from None


def _compare(file: Path, members: dict[str, Member], manifest: Manifest) -> None:
    listed = {member.path: member for member in manifest.members}
    if wrong := sorted(set(listed) ^ set(members) | set(DATABASES) - set(listed)):
        raise _damaged(file, f"{wrong[0]} is missing, or is in it unasked")
    if changed := sorted(path for path, member in listed.items() if members[path] != member):
        raise _damaged(file, f"{changed[0]} is not what was written")


def _read_only(_path: str, content: HashingReader) -> None:
    for _ in content.chunks():
        pass


@contextmanager
def _open(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with gzip.open(file) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            yield tar
            # The checksum of the whole file is at its very end.
            while plain.read(CHUNK):
                pass
    except UNREADABLE as error:
        raise _damaged(file, f"it cannot be read to its end ({type(error).__name__})") from None


def _damaged(file: Path, why: str) -> Damaged:
    return Damaged(f"{file} is no backup that can be used: {why}. Nothing was restored from it.")
