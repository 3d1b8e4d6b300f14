"""The hash chain of a case's entries: each carries the hash of the one before it."""

import hashlib
from collections.abc import Iterable
from typing import Any

from domain.canonical import canonical_json
from domain.language.entries import Entry


def genesis(tenant: str, number: str) -> str:
    """Return the hash that the first entry carries; it binds the chain to its case."""
    return _sha256(canonical_json(["banjie.case.v1", tenant, number]))


def entry_hash(entry: Entry) -> str:
    """Return the hash of an entry with all its fields, the hash it carries included.

    A field that has its default is left out, so that a field added later changes no old hash.
    Therefore the default of a field never changes, and that of a field added later is None: a
    version that does not know the field leaves it out as well.
    """
    fields = entry.model_dump(mode="json", exclude_defaults=True)
    for part in ("actor", "cause"):
        if part in fields and (given := without_none(fields.pop(part))):
            fields[part] = given
    return _sha256(canonical_json({**fields, "schema_version": entry.schema_version}))


def without_none(value: Any) -> Any:
    """Return the value without what is None, in objects within it as well."""
    if not isinstance(value, dict):
        return value
    return {name: without_none(each) for name, each in value.items() if each is not None}


def link(
    entry: Entry, before: Entry | None, tenant: str, number: str, recorded_hash: str | None = None
) -> Entry:
    """Return the entry linked to the one before it or, if it is the first, to its case.

    `recorded_hash` is the hash of the one before as it was recorded, if it is known.
    """
    prev = genesis(tenant, number) if before is None else recorded_hash or entry_hash(before)
    return entry.model_copy(update={"prev": prev})


def first_break(entries: Iterable[Entry], tenant: str, number: str) -> int | None:
    """Return the seq of the first entry that does not follow from the one before it.

    The newest entry has no successor: only a checkpoint proves that it is unchanged, and the last.
    """
    expected = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or entry.prev != expected:
            return seq
        expected = entry_hash(entry)
    return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
