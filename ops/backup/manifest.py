"""What a backup holds, with the hash of everything; it is the last thing in the file."""

import hashlib
from collections.abc import Iterator
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict

from domain.language.forms import Instant

PART = 1024 * 1024


class Member(BaseModel):
    """One file: where it lies in the data folder, its size, its SHA-256."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """The contents; `keys` says whether private keys are among them."""

    model_config = ConfigDict(frozen=True)

    format: Literal["banjie.backup.v1"] = "banjie.backup.v1"
    banjie: str
    made_at: Instant
    keys: bool
    members: tuple[Member, ...]

    @property
    def bytes(self) -> int:
        """What it takes on disk once it is unpacked."""
        return sum(member.bytes for member in self.members)


class Hashing:
    """A file that is read once and hashed on the way, to its end or to a length that was told."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        part = self._file.read(size)
        self._hash.update(part)
        self.bytes += len(part)
        return part

    def parts(self) -> Iterator[bytes]:
        """All that is left, in parts."""
        while part := self.read(PART):
            yield part

    def member(self, path: str) -> Member:
        """What was read, as the manifest tells it."""
        return Member(path=path, bytes=self.bytes, sha256=self._hash.hexdigest())
