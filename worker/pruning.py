"""Deletes what is kept for a time only, beside a worker; there may be several on one store."""

import asyncio
import logging
from datetime import timedelta

from store import Store
from store.db.clock import Clock, utc_now
from store.errors import StoreDown

log = logging.getLogger("banjie.pruning")

INTERVAL = timedelta(hours=1)
CHANGES_KEPT, DRAFTS_KEPT = timedelta(days=1), timedelta(days=30)
MESSAGES_KEPT = timedelta(days=30)
PRESENCE_KEPT = timedelta(hours=1)
ASSIGNMENTS_KEPT = timedelta(days=30)


async def prune(store: Store, clock: Clock = utc_now) -> int:
    """Delete what is too old, and return how many rows that were.

    Raises:
        StoreDown
    """
    now = clock()
    return sum(
        [
            await store.changes.prune(now - CHANGES_KEPT),
            await store.drafts.prune(now - DRAFTS_KEPT),
            await store.scheduled_messages.prune(now - MESSAGES_KEPT),
            await store.presence.prune(now - PRESENCE_KEPT),
            await store.order_turns.prune(now),
            await store.assignments.prune(now - ASSIGNMENTS_KEPT),
        ]
    )


async def run_pruning(store: Store) -> None:
    """Prune until cancelled."""
    while True:
        try:
            count = await prune(store)
        except StoreDown as error:
            log.warning("%s", error)
        else:
            log.info("%s rows were deleted that are kept for a time only", count)
        await asyncio.sleep(INTERVAL.total_seconds())
