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

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from activities.webhooks import GONE, NotSent, Sent, Webhooks
from runtime.metrics import process_registry, serve_metrics
from runtime.process import run_process
from store import Store
from store.audit.configuration import DISPATCHER
from store.db.clock import Clock, utc_now
from store.errors import StoreDown
from store.outbox.records import OutboxMessage
from store.store import open_when_up
from worker.lifecycle import StopSignal, in_background, note_configuration_when_up
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
DELIVERED, FAILED, DEAD = "delivered", "failed", "dead"
"""What became of an attempt: taken; to be tried again; never to be tried again."""


class DispatcherMetrics:
    """What a dispatcher did, and when it last looked at the outbox."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = Counter(
            "banjie_dispatcher_attempts",
            "Attempts to deliver a message, by what became of them.",
            ("outcome",),
            registry=registry,
        )
        for outcome in (DELIVERED, FAILED, DEAD):
            self.attempts.labels(outcome)
        self.seconds = Histogram(
            "banjie_dispatcher_send_duration_seconds",
            "Time from sending a message to the receiver's answer.",
            registry=registry,
        )
        self.last_look = Gauge(
            "banjie_dispatcher_last_look_timestamp_seconds",
            "When it last looked at the outbox and the store answered.",
            registry=registry,
        )


class Dispatcher:
    """Sends what is due to the webhook, or into the local mailbox where there is none.

    A receiver that answers 410 is not called again until this process is restarted.
    """

    def __init__(
        self,
        store: Store,
        webhooks: Webhooks | None = None,
        clock: Clock = utc_now,
        metrics: DispatcherMetrics | None = None,
    ) -> None:
        self._queue, self._webhooks, self._clock = store.outbox_queue, webhooks, clock
        self._metrics = metrics or DispatcherMetrics(CollectorRegistry())
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
        delivered = sum([await self._deliver(tenant) for tenant in await self._queue.tenants()])
        self._metrics.last_look.set_to_current_time()
        return delivered

    async def _deliver(self, tenant: str) -> int:
        if self._webhooks is None:
            delivered = await self._queue.mark_due_delivered(tenant)
            self._metrics.attempts.labels(DELIVERED).inc(delivered)
            return delivered
        messages = await self._queue.lease(tenant, CONCURRENCY, self._clock() + LEASE)
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self._send(self._webhooks, message))
        return len(messages)

    async def _send(self, webhooks: Webhooks, message: OutboxMessage) -> None:
        answer = NotSent(GONE) if self._gone else await self._post(webhooks, message)
        if isinstance(answer, Sent):
            self._metrics.attempts.labels(DELIVERED).inc()
            await self._queue.mark_delivered(message, WEBHOOK)
            return
        if answer.reason == GONE and not self._gone:
            self._gone = True
            log.error("the receiver wants nothing more (410); start anew to call it again")
        pause = None if answer.reason == GONE else pause_after(message.attempts)
        retry_at = self._clock() + min(max(pause, answer.wait), LONGEST_PAUSE) if pause else None
        self._metrics.attempts.labels(FAILED if retry_at else DEAD).inc()
        log.warning(
            "%s was not taken: %s; again at %s", message.id, answer.reason, retry_at or "never"
        )
        await self._queue.mark_failed(message, answer.reason, retry_at)

    async def _post(self, webhooks: Webhooks, message: OutboxMessage) -> Sent | NotSent:
        with self._metrics.seconds.time():
            return await webhooks.send(message)


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after this many attempts, spread a little; None after the last."""
    if attempts > len(PAUSES):
        return None
    # Spread, not secret: messages that failed together should not come back together.
    return PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311


@asynccontextmanager
async def open_webhooks(settings: DispatcherSettings) -> AsyncIterator[Webhooks | None]:
    """Yield the receiver of notices; None where none is set."""
    if settings.webhook_url is None:
        yield None
        return
    url, private = str(settings.webhook_url), settings.webhook_allow_private
    async with Webhooks(url, settings.webhook_secrets, utc_now, allow_private=private) as webhooks:
        yield webhooks


async def serve(settings: DispatcherSettings) -> None:
    """Deliver until SIGINT or SIGTERM; the lease of a message that is being sent then runs out.

    Raises:
        WrongSetting: a setting cannot be used as it is.
        StoreDown: the store did not come up in time.
    """
    stop, registry = StopSignal(), process_registry("dispatcher")
    metrics = DispatcherMetrics(registry)
    with serve_metrics(registry, settings.metrics):
        store = await open_when_up(settings.database_url, STARTUP_TIMEOUT)
        try:
            async with (
                open_webhooks(settings) as webhooks,
                in_background(Dispatcher(store, webhooks, metrics=metrics).run()) as dispatcher,
                in_background(
                    note_configuration_when_up(store, DISPATCHER, settings.configuration())
                ),
            ):
                receiver = "a webhook" if settings.webhook_url else "the local mailbox"
                log.info("delivering to %s", receiver)
                await stop.wait(dispatcher)
                log.info("stopping")
        finally:
            await store.close()


def main() -> int:
    """Run and return the exit code."""
    return run_process("dispatcher", DispatcherSettings, serve, (ConnectionError, StoreDown))


if __name__ == "__main__":
    sys.exit(main())
