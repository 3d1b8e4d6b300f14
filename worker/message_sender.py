"""Passes messages on beside a worker: to customers when nobody can call them back, and to cases."""

import asyncio
import logging
from datetime import timedelta

from app.customer_messages import tell_case
from app.scheduled_messages import LEASE, deliver_message
from app.services import Services
from store.db.clock import Clock, utc_now
from store.errors import StoreDown
from store.scheduled.records import ScheduledMessage

log = logging.getLogger("banjie.messages")

POLL_SECONDS = 1.0
"""Seconds between two looks at messages of which none is due."""
AT_ONCE = 8
NOT_TOLD_AFTER = timedelta(seconds=5)
"""Longer than whoever took a customer's message in tries to tell the case."""


class MessageSender:
    """Takes what is due and submits it for its author. There may be one in each of many workers.

    What one has taken and not brought to an end is taken by another after the lease.
    """

    def __init__(self, services: Services, clock: Clock = utc_now) -> None:
        self._services, self._clock = services, clock
        self._messages = services.store.scheduled_messages

    async def run(self) -> None:
        """Send until cancelled; a database that is down is waited for."""
        while True:
            sent = 0
            try:
                sent = await self.once()
            except* StoreDown as errors:
                log.warning("%s", errors.exceptions[0])
            if not sent:
                await asyncio.sleep(POLL_SECONDS)

    async def once(self) -> int:
        """Send some of what is due and return how many messages that were."""
        sent = [await self._send_some(tenant) for tenant in await self._messages.tenants()]
        return sum(sent) + await self._tell_some()

    async def _tell_some(self) -> int:
        """Tell cases what their customers wrote, if whoever took it in did not; return how many."""
        comments, told = self._services.store.comments, 0
        before = self._clock() - NOT_TOLD_AFTER
        for tenant in await comments.untold_tenants(before):
            for comment in await comments.untold(tenant, before, AT_ONCE):
                told += await tell_case(self._services, tenant, comment)
        return told

    async def _send_some(self, tenant: str) -> int:
        messages = await self._messages.lease(tenant, AT_ONCE, self._clock() + LEASE)
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self._send(message))
        return len(messages)

    async def _send(self, message: ScheduledMessage) -> None:
        try:
            refusal = await deliver_message(self._services, message)
        except StoreDown:
            raise
        except Exception:
            # The worker does more than this; the message is tried again after its lease.
            log.exception("message %s was not sent", message.id)
            return
        if refusal is not None:
            log.info("message %s was refused: %s", message.id, refusal.code)
