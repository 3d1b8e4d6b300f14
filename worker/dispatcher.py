"""Delivers the outbox at least once, beside a worker or as `python -m worker.dispatcher`.

There may be many dispatchers on one store.
"""

import asyncio
import logging
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from pydantic import ValidationError

from activities.webhooks import GONE, NotSent, Sent, Webhooks
from store import Store
from store.db.clock import Clock, utc_now
from store.errors import StoreDown, StoreError
from store.outbox.records import OutboxMessage
from store.store import open_when_up
from temporal.connection_settings import explain
from worker.lifecycle import StopSignal, in_background
from worker.settings import DispatcherSettings

log = logging.getLogger("banjie.dispatcher")

STARTUP_TIMEOUT = timedelta(seconds=60)
POLL_SECONDS = 1.0
"""Seconds between two looks at an outbox that has nothing to send."""
CONCURRENCY = 8
LEASE = timedelta(seconds=60)
"""Longer than sending takes; the messages of a dispatcher that died are free after this."""
WEBHOOK = "webhook"

# Standard Webhooks: at once, then after each failure; after the last one the message is dead.
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
LONGEST_PAUSE = timedelta(hours=24)
JITTER = 0.2


class Dispatcher:
    """Sends what is due to the webhook, or counts it as delivered where there is none.

    A receiver that answers 410 is not called again until this process is restarted.
    """

    def __init__(
        self, store: Store, webhooks: Webhooks | None = None, clock: Clock = utc_now
    ) -> None:
        self._queue, self._webhooks, self._clock = store.outbox_queue, webhooks, clock
        self._gone = False

    async def run(self) -> None:
        """Deliver until cancelled; a database that is down is waited for."""
        while True:
            delivered = 0
            try:
                delivered = await self.once()
            except* StoreDown as errors:
                log.warning("%s", errors.exceptions[0])
            if not delivered:
                await asyncio.sleep(POLL_SECONDS)

    async def once(self) -> int:
        """Deliver some of what is due and return how many rows that were."""
        return sum([await self._deliver(tenant) for tenant in await self._queue.tenants()])

    async def _deliver(self, tenant: str) -> int:
        if self._webhooks is None:
            return await self._queue.mark_due_delivered(tenant)
        messages = await self._queue.lease(tenant, CONCURRENCY, self._clock() + LEASE)
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self._send(self._webhooks, message))
        return len(messages)

    async def _send(self, webhooks: Webhooks, message: OutboxMessage) -> None:
        answer = NotSent(GONE) if self._gone else await webhooks.send(message)
        if isinstance(answer, Sent):
            await self._queue.mark_delivered(message, WEBHOOK)
            return
        if answer.reason == GONE and not self._gone:
            self._gone = True
            log.error("the receiver wants nothing more (410); start anew to call it again")
        pause = None if answer.reason == GONE else pause_after(message.attempts)
        retry_at = self._clock() + min(max(pause, answer.wait), LONGEST_PAUSE) if pause else None
        log.warning(
            "%s was not taken: %s; again at %s", message.id, answer.reason, retry_at or "never"
        )
        await self._queue.mark_failed(message, answer.reason, retry_at)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts, spread a little; None after the last."""
    if attempts > len(PAUSES):
        return None
    # Spread, not secret: messages that failed together should not come back together.
    return PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311


@asynccontextmanager
async def open_webhooks(settings: DispatcherSettings) -> AsyncIterator[Webhooks | None]:
    """The receiver of notices; None where none is set."""
    if settings.webhook_url is None:
        yield None
        return
    url, private = str(settings.webhook_url), settings.webhook_allow_private
    async with Webhooks(url, settings.webhook_secrets, utc_now, allow_private=private) as webhooks:
        yield webhooks


async def serve(settings: DispatcherSettings) -> None:
    """Deliver until SIGINT or SIGTERM; the lease of a message that is being sent then runs out."""
    stop = StopSignal()
    store = await open_when_up(settings.database_url, STARTUP_TIMEOUT)
    try:
        async with (
            open_webhooks(settings) as webhooks,
            in_background(Dispatcher(store, webhooks).run()) as dispatcher,
        ):
            log.info("delivering to %s", "a webhook" if settings.webhook_url else "nobody: kept")
            await stop.wait(dispatcher)
            log.info("stopping")
    finally:
        await store.close()


def main() -> int:
    """Run and return the exit code."""
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
