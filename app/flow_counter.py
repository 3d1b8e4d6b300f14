"""Counts how a kind flows, one count at a time, and keeps the newest counts for a minute."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.minute_cache import MinuteCache
from domain.engine.process import Process
from domain.mining.flow import Flow, Tally
from store import Store

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
    _counts: MinuteCache[FlowKey, FlowCount] = field(default_factory=MinuteCache)

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
        return await self._counts.get(key, now, lambda: self._count(key, now))

    async def _count(self, key: FlowKey, now: datetime) -> FlowCount:
        tenant, kind, version, since, until = key
        tally = Tally(since, until)
        async for moves in self.store.entries.moves(tenant, kind, version, since, until):
            tally.add(moves)
        # In a thread: it sorts as many numbers as arrows were taken.
        flow = await asyncio.to_thread(tally.flow)
        open_now = await self.store.counts.open_by_state(tenant, kind, version)
        return FlowCount(flow, open_now, since, until, now)
