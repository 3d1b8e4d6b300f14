"""The archive's list of its files, in parts; each part carries the hash of the part before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.engine.chain import entry_hash
from domain.language.values import Instant
from runtime.message import Message
from store.archive.archive import Archive
from store.archive.bundle import ArchivedFile, Bundle, tenant_folder
from store.archive.checked_gzip import BrokenFile, checksum_of, compress, decompress
from store.errors import ArchiveDamaged

NO_HASH: Final = ""
"""What the first part carries in place of a hash."""
SUFFIX = ".manifest.gz"
DIGITS = 10
CONCURRENT_READS = 16
MISSING_NAMED = 100
"""So many missing parts are named: a file with a great number leaves billions of them."""


class ListedFile(BaseModel):
    """A file as it was when it was listed; it never changes, so another at its path is a forgery.

    `sha256` is its checksum, `newest` the hash of its last entry, empty if it has none.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    sha256: str
    bytes: int
    number: str
    kind: str
    run: str
    code: str
    process_version: int
    policy_version: str
    archived_at: Instant
    complete: bool
    entries: int
    events: int
    newest: str

    @classmethod
    def of(cls, archived: ArchivedFile, bundle: Bundle) -> Self:
        """Return what the list says of a file."""
        fields = bundle.model_dump(include=set(cls.model_fields) - {"entries"})
        last = bundle.entries[-1:]
        return cls(
            **fields,
            path=archived.path,
            sha256=archived.sha256,
            bytes=archived.bytes,
            entries=len(bundle.entries),
            newest=entry_hash(last[0]) if last else "",
        )


class Manifest(BaseModel):
    """One part of the list; parts are written once and never changed.

    `n` counts from 1, `prev` is the SHA-256 that the part before carries. `since` is when the
    sweep that wrote the part began to look for files.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal["banjie.manifest.v1"] = "banjie.manifest.v1"
    tenant: str
    n: int
    prev: str
    since: Instant
    files: tuple[ListedFile, ...]

    @property
    def path(self) -> str:
        """The path of the part."""
        return _path(self.tenant, self.n)


@dataclass
class ManifestState:
    """The list as far as it was read: its files by path, and the hash of each part.

    `broken` are the parts that are not as they were written, with the reason; if there are any,
    the rest of the list may be false.
    """

    parts: dict[int, str] = field(default_factory=dict)
    files: dict[str, ListedFile] = field(default_factory=dict)
    since: datetime | None = None
    broken: list[tuple[int, str]] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The number of the last part; 0 if there is none."""
        return max(self.parts, default=0)

    @property
    def head(self) -> str:
        """The hash of the last part, which vouches for all before it."""
        return self.parts.get(self.last, NO_HASH)


class Manifests:
    """The list of a tenant's files; of several processes that add to it at once, one succeeds."""

    def __init__(self, archive: Archive) -> None:
        self._storage = archive.storage

    async def read(self, tenant: str, state: ManifestState | None = None) -> ManifestState:
        """Return the list; with a state that was read before, read only the parts after it."""
        state = ManifestState() if state is None else state
        numbers = await self._numbers(tenant)
        expected = range(state.last + 1, max(numbers, default=0) + 1)
        missing = (n for n in expected if n not in numbers)
        state.broken += [(n, Message("it is gone")) for n in islice(missing, MISSING_NAMED)]
        present = sorted(n for n in numbers if n >= expected.start)
        for start in range(0, len(present), CONCURRENT_READS):
            some = present[start : start + CONCURRENT_READS]
            parts = await asyncio.gather(*(self._part(tenant, n) for n in some))
            for n, part in zip(some, parts, strict=True):
                _add_part(state, n, part)
        state.broken.sort()
        return state

    async def add(
        self, tenant: str, state: ManifestState, files: Sequence[ListedFile], since: datetime
    ) -> bool:
        """Write one more part; return False, with nothing written, if another process was first.

        Raises:
            ArchiveDamaged: the list is broken, and must not be continued as if it were not.
        """
        if state.broken:
            n, why = state.broken[0]
            raise ArchiveDamaged(_path(tenant, n), why)
        part = Manifest(
            tenant=tenant, n=state.last + 1, prev=state.head, since=since, files=tuple(files)
        )
        file = await asyncio.to_thread(lambda: compress(part.model_dump_json().encode()))
        if not await self._storage.create(part.path, file):
            return False
        _add_part(state, part.n, (checksum_of(file), part))
        return True

    async def _numbers(self, tenant: str) -> set[int]:
        metas = await self._storage.objects(_folder(tenant), SUFFIX)
        names = (meta["path"].rpartition("/")[2].removesuffix(SUFFIX) for meta in metas)
        return {int(name) for name in names if name.isdecimal()}

    async def _part(self, tenant: str, n: int) -> tuple[str, Manifest | str]:
        """Return the hash of a part and the part, or the reason why it cannot be read."""
        try:
            file = await self._storage.get(_path(tenant, n))
        except ArchiveDamaged as error:
            return "", error.why
        if file is None:
            return "", Message("it is gone")
        try:
            part = Manifest.model_validate_json(await asyncio.to_thread(decompress, file))
        except BrokenFile as error:
            return checksum_of(file), str(error)
        except ValidationError:
            return checksum_of(file), Message("it holds no manifest")
        if (part.tenant, part.n) != (tenant, n):
            return checksum_of(file), Message("it belongs elsewhere")
        return checksum_of(file), part


def _add_part(state: ManifestState, n: int, read: tuple[str, Manifest | str]) -> None:
    checksum, part = read
    prev, state.parts[n] = state.parts.get(n - 1, NO_HASH), checksum
    if isinstance(part, str):
        state.broken.append((n, part))
        return
    if (n - 1 in state.parts or n == 1) and part.prev != prev:
        state.broken.append((n, Message("it does not carry the hash of the one before")))
    state.files |= {listed.path: listed for listed in part.files}
    state.since = max(part.since, state.since or part.since)


def _folder(tenant: str) -> str:
    """Return the folder with the parts of a tenant's list; no case's folder has such a name."""
    return f"{tenant_folder(tenant)}/manifest"


def _path(tenant: str, n: int) -> str:
    return f"{_folder(tenant)}/{n:0{DIGITS}d}{SUFFIX}"
