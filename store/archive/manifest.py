"""The archive's list of its files: each part carries the hash of the part before."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict

from domain.chain import entry_hash
from domain.forms import Instant
from store.archive.bundle import Archived, Bundle, tenant_folder

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
