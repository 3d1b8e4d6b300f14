"""Live pages: tells each open page what changed, as far as its reader may see it.

One poller per process reads the feed of changes, for all pages together. A page is told a name, the
number of a case and a version, never what changed: it asks for that as for any page.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing, suppress
from typing import Final

from app.subscription import Change, Subscription, WhoReads
from store import Store
from store.changes.records import OF_CASES, StoredChange
from store.errors import StoreDown

log = logging.getLogger("banjie.live")

POLL_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 1.0
STALE_SECONDS: Final = 5.0
"""After so long without anybody who listens the feed is read from its end on."""
MOST_MISSED: Final = 500
"""Who missed more changes than this is told to load the page anew."""


class LiveFeed:
    """Hands changes to the pages of this process; it reads the feed only while there are any."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._subscriptions: set[Subscription] = set()
        self._reader = store.changes.reader()
        self._poller: asyncio.Task[None] | None = None
        self._reading, self._read_at = asyncio.Lock(), -STALE_SECONDS
        self._closed = False

    async def newest(self) -> int:
        """Return where the feed ends, for a page to carry until it subscribes.

        Raises:
            StoreDown
        """
        return await self._store.changes.newest()

    async def subscribe(
        self,
        who: WhoReads,
        after: int | None = None,
        numbers: Collection[str] | None = None,
    ) -> AsyncGenerator[Sequence[Change], None]:
        """Yield what changed, until the reader may not read any more, or the process ends.

        Where nothing changes for a while, nothing is yielded now and then, as an empty list.

        Args:
            who: returns who reads, None once they may not; asked again every few seconds, and when
                they were changed or a session of theirs was ended.
            after: the id of the last change that the page was told; None for from now on.
            numbers: the cases of which the page wants to hear each change; None for all. Of others
                it is only told, now and then, that lists and counts may have changed.

        Raises:
            StoreDown: the reader or the feed cannot be read.
        """
        principal = await who()
        if principal is None or not principal.is_staff or self._closed:
            return
        await self._start()
        subscription = Subscription(self._store, principal, who, numbers)
        self._subscriptions.add(subscription)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            await self._begin(subscription, after)
            async with aclosing(subscription.changes()) as changes:
                async for told in changes:
                    yield told
        finally:
            self._subscriptions.discard(subscription)

    async def close(self) -> None:
        """End all subscriptions, since the process is about to end; there are no new ones."""
        self._closed = True
        self._end_all()
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def _start(self) -> None:
        """Be up to date with the feed; what nobody listened to is passed over."""
        async with self._reading:
            if time.monotonic() - self._read_at > STALE_SECONDS:
                await self._reader.begin()
                self._read_at = time.monotonic()
        await self._read()

    async def _begin(self, subscription: Subscription, after: int | None) -> None:
        """Give the page what it missed."""
        position = self._reader.settled
        await subscription.begin(position if after is None else after)
        if after is None:
            return
        tenant = subscription.tenant
        missed = await self._store.changes.after(tenant, after, MOST_MISSED + 1)
        if missed is None or len(missed) > MOST_MISSED:
            subscription.offer_reload(position)
        else:
            await self._offer({subscription}, missed, position)

    async def _poll(self) -> None:
        """Hand out what changes while anybody listens."""
        try:
            while True:
                await asyncio.sleep(POLL_SECONDS)
                if not self._subscriptions:
                    return
                try:
                    await self._read()
                except StoreDown as error:
                    log.warning("%s Open pages hear nothing until then.", error)
                    await self._recover()
        finally:
            # After an error that nobody expected, whoever is left connects again.
            self._end_all()

    def _end_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.end()

    async def _recover(self) -> None:
        """Wait for the store. What changed meanwhile may be read already, so pages load anew."""
        while self._subscriptions:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                await self._reader.begin()
            except StoreDown:
                continue
            for subscription in self._subscriptions:
                subscription.offer_reload(self._reader.settled)
            log.info("open pages hear of changes again")
            return

    async def _read(self) -> None:
        """Hand out what changed since the last time."""
        async with self._reading:
            rows, settled = await self._reader.read(), self._reader.settled
            self._read_at = time.monotonic()
        for tenant in {row.tenant for row in rows}:
            theirs = {each for each in self._subscriptions if each.tenant == tenant}
            if theirs:
                await self._offer(theirs, [row for row in rows if row.tenant == tenant], settled)

    async def _offer(
        self, subscriptions: Collection[Subscription], rows: Sequence[StoredChange], settled: int
    ) -> None:
        """Offer changes of one tenant, with the cases as they are now."""
        numbers = {row.subject for row in rows if row.name in OF_CASES}
        try:
            cases = await self._store.cases.some(rows[0].tenant, numbers) if rows else {}
        except StoreDown:
            for subscription in subscriptions:
                subscription.offer_reload(settled)
            raise
        for subscription in subscriptions:
            subscription.offer(rows, cases, settled)
