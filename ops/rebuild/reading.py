"""Reading what was told of a case: whose it is, and its entries."""

import json

from pydantic import BaseModel

from domain.entries import Entry
from ops.rebuild.told import Told
from store.archive import Bundle


def tenant_of(told: Told | Bundle) -> str | None:
    """Whose case it is; None if it is none."""
    if isinstance(told, Bundle):
        return told.tenant
    try:
        tenant = json.loads(told.life)["opening"]["tenant"]
    except (ValueError, LookupError, TypeError):
        return None
    return tenant if isinstance(tenant, str) else None


def entries_of(told: Told | Bundle) -> tuple[list[Entry], int]:
    """The entries in order, and how many of them are recorded for sure."""
    if isinstance(told, Bundle):
        return list(told.entries), len(told.entries)
    found = {entry.seq: entry for entry in _Carried.model_validate_json(told.life).entries}
    recorded = len(found)
    for place, text in enumerate(told.batches):
        found |= {entry.seq: entry for entry in _Batch.model_validate_json(text).entries}
        if place < told.done:
            recorded = len(found)
    return [found[seq] for seq in sorted(found)], recorded


class _Batch(BaseModel):
    """What is read of a batch: its views are made again."""

    entries: tuple[Entry, ...]


class _Carried(BaseModel):
    """What a run began with; the first one of a case carries none."""

    entries: tuple[Entry, ...] = ()
