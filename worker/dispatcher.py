"""Delivers the outbox, at least once, for as long as it runs; there may be many of it."""

import asyncio
import logging
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from pydantic import ValidationError

from activities.webhooks import GONE, NotSent, Sent, Webhooks
from store import Store
from store.db.clock import Clock, utc_now
from store.errors import StoreDown, StoreError
from store.outbox.records import OutboxMessage
from store.store import open_when_up
from temporal.connection_settings import explain
from worker.lifecycle import Stop
from worker.settings import DispatcherSettings

log = logging.getLogger("banjie.dispatcher")

LOOK = 1.0
"""Seconds between two looks at an outbox that has nothing to send."""
AT_ONCE = 8
LEASE = timedelta(seconds=60)
"""Longer than sending takes; a dispatcher that died gives its letters back after this."""
LONGEST = timedelta(hours=24)
JITTER = 0.2
WEBHOOK = "webhook"

# Standard Webhooks: at once, then after each failure; after the last one the letter is dead.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


class Dispatcher:
    """Sends what is due to the webhook, or counts it as delivered where there is none.

    A receiver that answers 410 is not called again until this process starts anew.
    """

    def __init__(
        self, store: Store, webhooks: Webhooks | None = None, clock: Clock = utc_now
    ) -> None:
        self._store, self._webhooks, self._clock = store, webhooks, clock
        self._gone = False

    async def run(self) -> None:
        """Deliver until cancelled; a database that is down is waited for."""
        while True:
            moved = 0
            try:
                moved = await self.once()
            except* StoreDown as errors:
                log.warning("%s", errors.exceptions[0])
            if not moved:
                await asyncio.sleep(LOOK)

    async def once(self) -> int:
        """Deal with some of what is due; how many rows that were."""
        return sum([await self._of(tenant) for tenant in await self._store.outbox_queue.tenants()])

    async def _of(self, tenant: str) -> int:
        if self._webhooks is None:
            return await self._store.outbox_queue.keep(tenant)
        until = self._clock() + LEASE
        letters = await self._store.outbox_queue.lease(tenant, AT_ONCE, until)
        async with asyncio.TaskGroup() as group:
            for letter in letters:
                group.create_task(self._send(self._webhooks, letter))
        return len(letters)

    async def _send(self, webhooks: Webhooks, letter: OutboxMessage) -> None:
        answer = NotSent(GONE) if self._gone else await webhooks.send(letter)
        if isinstance(answer, Sent):
            await self._store.outbox_queue.delivered(letter, WEBHOOK)
            return
        if answer.reason == GONE and not self._gone:
            self._gone = True
            log.error("the receiver wants nothing more (410); start anew to call it again")
        pause = None if answer.reason == GONE else pause_after(letter.attempts)
        again = self._clock() + min(max(pause, answer.wait), LONGEST) if pause else None
        log.warning("%s was not taken: %s; again at %s", letter.id, answer.reason, again or "never")
        await self._store.outbox_queue.failed(letter, answer.reason, again)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts, spread a little; None after the last."""
    if attempts > len(PAUSES):
        return None
    # Spread, not secret: letters that failed together should not come back together.
    return PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311


@asynccontextmanager
async def posting(settings: DispatcherSettings) -> AsyncIterator[Webhooks | None]:
    """The receiver that is told things; None where there is none."""
    if settings.webhook_url is None:
        yield None
        return
    url, private = str(settings.webhook_url), settings.webhook_allow_private
    async with Webhooks(url, settings.webhook_secrets, utc_now, allow_private=private) as ours:
        yield ours


@asynccontextmanager
async def dispatching(store: Store, webhooks: Webhooks | None) -> AsyncIterator[asyncio.Task[None]]:
    """A dispatcher that runs beside the caller's work, and stops with it."""
    task = asyncio.create_task(Dispatcher(store, webhooks).run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


STARTING = timedelta(seconds=60)

log = logging.getLogger("banjie.dispatcher")


async def serve(settings: DispatcherSettings) -> None:
    """Deliver until SIGINT or SIGTERM; what is on its way then is given back with its lease."""
    stop = Stop()
    store = await open_when_up(settings.database_url, STARTING)
    try:
        async with posting(settings) as webhooks, dispatching(store, webhooks) as dispatcher:
            log.info("delivering to %s", "a webhook" if settings.webhook_url else "nobody: kept")
            await stop.wait(dispatcher)
            log.info("stopping")
    finally:
        await store.close()


def main() -> int:
    """Run, and say with an exit code how it went."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    # Its lines hold the address, and that may hold something secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = DispatcherSettings()
    except ValidationError as error:
        log.error("%s", explain(error))  # noqa: TRY400 — the sentence says it
        return 2
    try:
        asyncio.run(serve(settings))
    except StoreError as error:
        log.error("%s", error)  # noqa: TRY400 — the sentence says it; a traceback adds nothing
        return 5
    except asyncio.CancelledError:
        log.info("stopped before it delivered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
