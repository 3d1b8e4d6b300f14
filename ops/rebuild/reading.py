"""Reading what was told of a case: whose it is, and its entries."""

import json
from typing import Any

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
    life = json.loads(told.life)
    found = {e["seq"]: e for e in life.get("entries", ())}
    recorded = len(found)
    for place, text in enumerate(told.batches):
        news: list[dict[str, Any]] = json.loads(text)["entries"]
        found |= {entry["seq"]: entry for entry in news}
        if place < told.done:
            recorded = len(found)
    entries = [Entry.model_validate(found[seq]) for seq in sorted(found)]
    return entries, recorded
