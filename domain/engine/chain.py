"""The chain of entries: each carries the hash of the one before, so none can be changed unseen."""

import hashlib
from collections.abc import Iterable

from domain.canonical import canonical_json
from domain.language.entries import Entry


def genesis(tenant: str, number: str) -> str:
    """What the first entry carries: it binds the chain to its case."""
    return _sha256(canonical_json(["banjie.case.v1", tenant, number]))


def entry_hash(entry: Entry) -> str:
    """The hash of an entry with all that it says, the hash it carries included.

    A field that has its default is left out, so that a field added later changes no old hash; for
    that, the default of a field never changes.
    """
    told = entry.model_dump(mode="json", exclude_defaults=True)
    return _sha256(canonical_json({**told, "schema_version": entry.schema_version}))


def link(entry: Entry, before: Entry | None, tenant: str, number: str) -> Entry:
    """The entry, tied to the one before it or, if it is the first, to its case."""
    prev = entry_hash(before) if before is not None else genesis(tenant, number)
    return entry.model_copy(update={"prev": prev})


def first_break(entries: Iterable[Entry], tenant: str, number: str) -> int | None:
    """The place, by seq, of the first entry that does not follow from the one before; or none.

    The newest entry of a case has no successor: that it is unchanged, and the last, only a
    checkpoint can tell.
    """
    wanted = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or entry.prev != wanted:
            return seq
        wanted = entry_hash(entry)
    return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
