"""The outbox: whether a message waits too long, or was given up."""

from datetime import UTC, datetime, timedelta

from ops.doctor.findings import Finding, ok, warning, wrong
from store import Store
from store.records import Delivery

WAITING = timedelta(minutes=10)
"""A message that waits longer has no dispatcher, or none that gets through."""


async def look(store: Store, tenant: str) -> list[Finding]:
    """Whether messages are delivered."""
    found = []
    if dead := (await store.counts.outbox(tenant)).get(Delivery.DEAD, 0):
        mend = "See `banjie ops outbox list`; mend the receiver, then `banjie ops outbox redrive`."
        found.append(warning("outbox", f"Messages that were given up: {dead}.", mend))
    oldest = await store.health.oldest_pending(tenant)
    if oldest is not None and (waits := datetime.now(UTC) - oldest) > WAITING:
        hours = str(waits).partition(".")[0]
        mend = "See that a worker with BANJIE_DISPATCH=true, or a dispatcher, runs; and its log."
        found.append(wrong("outbox", f"A message has waited for {hours}.", mend))
    return found or [ok("outbox", "No message waits long, and none was given up.")]
