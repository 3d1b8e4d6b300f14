"""The archive's list of its files: each part carries the hash of the part before."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.engine.chain import entry_hash
from domain.language.forms import Instant
from store.archive.archive import Archive
from store.archive.bundle import Archived, Bundle, tenant_folder
from store.archive.seal import Broken, seal, seal_of, unseal
from store.errors import ArchiveDamaged

FIRST: Final = ""
"""What the first part carries in place of a hash."""
SUFFIX = ".manifest.gz"
DIGITS = 10


class Listed(BaseModel):
    """A file as it was when it was listed; it is final, so any other file in its place is false.

    `sha256` is its seal, `newest` the hash of its last entry, empty if it has none.
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
    def of(cls, archived: Archived, bundle: Bundle) -> Self:
        """What is to be listed of a file."""
        told = bundle.model_dump(include=set(cls.model_fields) - {"entries"})
        last = bundle.entries[-1:]
        return cls(
            **told,
            path=archived.path,
            sha256=archived.sha256,
            bytes=archived.bytes,
            entries=len(bundle.entries),
            newest=entry_hash(last[0]) if last else "",
        )


class Manifest(BaseModel):
    """One part of the list; parts are written once and never changed.

    `n` counts from 1, `prev` is the SHA-256 that the part before carries. `since` is when whoever
    wrote it began to look for files.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal["banjie.manifest.v1"] = "banjie.manifest.v1"
    tenant: str
    n: int
    prev: str
    since: Instant
    files: tuple[Listed, ...]

    @property
    def path(self) -> str:
        """Where it lies."""
        return manifest_path(self.tenant, self.n)


def manifest_folder(tenant: str) -> str:
    """Where the parts of a tenant's list are; no case's folder has such a name."""
    return f"{tenant_folder(tenant)}/manifest"


def manifest_path(tenant: str, n: int) -> str:
    """Where a part lies."""
    return f"{manifest_folder(tenant)}/{n:0{DIGITS}d}{SUFFIX}"


AT_ONCE = 16


@dataclass
class Known:
    """The list as far as it was read: its files by path, and the hash of each part.

    `broken` are the parts that are not as they were written, with why; where there are any, the
    rest of the list may be false.
    """

    parts: dict[int, str] = field(default_factory=dict)
    files: dict[str, Listed] = field(default_factory=dict)
    since: datetime | None = None
    broken: list[tuple[int, str]] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The number of the last part; 0 if there is none."""
        return max(self.parts, default=0)

    @property
    def head(self) -> str:
        """The hash of the last part, which vouches for all before it."""
        return self.parts.get(self.last, FIRST)


class Manifests:
    """The list of a tenant's files; several may write to it at once, and one at a time gets on."""

    def __init__(self, archive: Archive) -> None:
        self._place = archive.place

    async def read(self, tenant: str, known: Known | None = None) -> Known:
        """The list; what is known of it already is not read again."""
        known = Known() if known is None else known
        numbers = await self._numbers(tenant)
        last, before = max(numbers, default=0), known.last
        fresh = [n for n in range(before + 1, last + 1) if n in numbers]
        known.broken += [(n, "it is gone") for n in range(before + 1, last + 1) if n not in numbers]
        for at in range(0, len(fresh), AT_ONCE):
            some = fresh[at : at + AT_ONCE]
            found = await asyncio.gather(*(self._part(tenant, n) for n in some))
            for n, part in zip(some, found, strict=True):
                _take_in(known, n, part)
        known.broken.sort()
        return known

    async def add(
        self, tenant: str, known: Known, files: Sequence[Listed], since: datetime
    ) -> bool:
        """One more part; False if somebody else was first with one, and then nothing is written.

        Raises:
            ArchiveDamaged: the list is broken; it must not be gone on with as if it were not.
        """
        if known.broken:
            n, why = known.broken[0]
            raise ArchiveDamaged(manifest_path(tenant, n), why)
        part = Manifest(
            tenant=tenant, n=known.last + 1, prev=known.head, since=since, files=tuple(files)
        )
        sealed = await asyncio.to_thread(lambda: seal(part.model_dump_json().encode()))
        if not await self._place.create(part.path, sealed):
            return False
        _take_in(known, part.n, (seal_of(sealed), part))
        return True

    async def _numbers(self, tenant: str) -> set[int]:
        metas = await self._place.under(manifest_folder(tenant), SUFFIX)
        names = (meta["path"].rpartition("/")[2].removesuffix(SUFFIX) for meta in metas)
        return {int(name) for name in names if name.isdecimal()}

    async def _part(self, tenant: str, n: int) -> tuple[str, Manifest | str]:
        """A part and its hash, or why it cannot be read."""
        sealed = await self._place.get(manifest_path(tenant, n))
        if sealed is None:
            return "", "it is gone"
        try:
            part = Manifest.model_validate_json(await asyncio.to_thread(unseal, sealed))
        except Broken as error:
            return seal_of(sealed), str(error)
        except ValidationError:
            return seal_of(sealed), "it holds no manifest"
        if (part.tenant, part.n) != (tenant, n):
            return seal_of(sealed), "it belongs elsewhere"
        return seal_of(sealed), part


def _take_in(known: Known, n: int, read: tuple[str, Manifest | str]) -> None:
    hashed, part = read
    prev, known.parts[n] = known.parts.get(n - 1, FIRST), hashed
    if isinstance(part, str):
        known.broken.append((n, part))
        return
    if (n - 1 in known.parts or n == 1) and part.prev != prev:
        known.broken.append((n, "it does not carry the hash of the one before"))
    known.files |= _by_path(part.files)
    known.since = max(part.since, known.since or part.since)


def _by_path(files: Sequence[Listed]) -> Mapping[str, Listed]:
    return {listed.path: listed for listed in files}
