"""Counts how a kind flows, one count at a time, and keeps the newest counts for a minute."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.engine.process import Process
from domain.mining.flow import Flow, Tally
from store import Store

MAX_AGE = timedelta(minutes=1)
MAX_COUNTS = 64
"""So many counts are kept at once."""

FlowKey = tuple[str, str, int, datetime | None, datetime | None]
"""What was counted: tenant, kind, version, from when, until when."""


@dataclass(frozen=True)
class FlowCount:
    """What was counted of which time, and when; `open_now` is how many open cases are where."""

    flow: Flow
    open_now: Mapping[str, int]
    since: datetime | None
    until: datetime | None
    at: datetime


@dataclass
class FlowCounter:
    """Counts one thing at a time, since all entries of a kind are read for it."""

    store: Store
    _counts: dict[FlowKey, FlowCount] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def count(
        self,
        tenant: str,
        process: Process,
        since: datetime | None,
        until: datetime | None,
        now: datetime,
    ) -> FlowCount:
        """Return the count of a version of a kind, up to a minute old.

        Raises:
            StoreDown
        """
        key = (tenant, process.kind, process.version, since, until)
        async with self._lock:
            count = self._counts.pop(key, None)
            if count is None or now - count.at > MAX_AGE:
                count = await self._count(key, now)
            self._counts[key] = count
            while len(self._counts) > MAX_COUNTS:
                del self._counts[next(iter(self._counts))]
        return count

    async def _count(self, key: FlowKey, now: datetime) -> FlowCount:
        tenant, kind, version, since, until = key
        tally = Tally(since, until)
        async for moves in self.store.entries.moves(tenant, kind, version, since, until):
            tally.add(moves)
        # In a thread: it sorts as many numbers as arrows were taken.
        flow = await asyncio.to_thread(tally.flow)
        open_now = await self.store.counts.open_by_state(tenant, kind, version)
        return FlowCount(flow, open_now, since, until, now)
