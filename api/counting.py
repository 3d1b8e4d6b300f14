"""Counts what flows through a kind, at most once a minute for everybody who asks the same."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.flow import Flow, Tally
from domain.process import Process
from store import Store

KEPT = timedelta(minutes=1)
MOST = 64
"""So many counts are kept at once."""

Asked = tuple[str, str, int, datetime | None, datetime | None]


@dataclass(frozen=True)
class Counted:
    """What was counted of which time, and when; `here` is how many open cases were where."""

    flow: Flow
    here: Mapping[str, int]
    since: datetime | None
    until: datetime | None
    at: datetime


@dataclass
class Counting:
    """Counts one thing at a time, since all entries of a kind are read for it."""

    store: Store
    kept: dict[Asked, Counted] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def count(
        self,
        tenant: str,
        process: Process,
        since: datetime | None,
        until: datetime | None,
        now: datetime,
    ) -> Counted:
        """The counts of a version of a kind, up to a minute old."""
        asked = (tenant, process.kind, process.version, since, until)
        async with self.turn:
            known = self.kept.pop(asked, None)
            if known is None or now - known.at > KEPT:
                known = await self._count(asked, now)
            self.kept[asked] = known
            while len(self.kept) > MOST:
                del self.kept[next(iter(self.kept))]
        return known

    async def _count(self, asked: Asked, now: datetime) -> Counted:
        tenant, kind, version, since, until = asked
        tally = Tally(since, until)
        async for moves in self.store.flow.moves(tenant, kind, version, since, until):
            tally.add(moves)
        # Off the loop: it sorts as many numbers as arrows were taken.
        flow = await asyncio.to_thread(tally.flow)
        here = await self.store.flow.here(tenant, kind, version)
        return Counted(flow, here, since, until, now)
