"""Notify the customer: the message is delivered once, and the process is told the outcome."""

import asyncio

from temporalio import activity

from activities.ports.interfaces import PortFailed
from activities.webhooks import GONE, Sent, Webhooks
from domain.engine.messages import Outcome, PendingCall
from store import Store
from store.outbox.records import Delivered, NotDelivered, OutboxMessage

WEBHOOK = "webhook"
REFUSALS = frozenset({"http_409", "http_422", GONE})
"""The receiver's answers that mean it will not pass the message on; others are tried again."""
POLL_SECONDS, POLLS = 0.1, 50


class NotifyCustomerActivity:
    """The activity `tell`. Without a webhook, a message is delivered into the local mailbox.

    A customer without any contact point is a refusal, not an error: somebody tells them in person.
    So is a receiver that says no.
    """

    def __init__(self, store: Store, webhooks: Webhooks | None = None) -> None:
        self._outbox, self._webhooks = store.outbox, webhooks

    @activity.defn(name="tell")
    async def tell(self, call: PendingCall) -> Outcome:
        """Deliver under one id per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: whether it was delivered is unknown; Temporal tries again.
        """
        if self._webhooks is None:
            answer = await self._outbox.deliver(call)
        else:
            answer = await self._post(self._webhooks, call)
        if isinstance(answer, Delivered):
            return Outcome(
                step=call.done, form={"message": answer.message, "channel": answer.channel}
            )
        return Outcome(step=call.refused, form={"reason": answer.reason})

    async def _post(self, webhooks: Webhooks, call: PendingCall) -> Delivered | NotDelivered:
        message = await self._recorded_message(call)
        if not isinstance(message, OutboxMessage):
            return message
        answer = await webhooks.send(message)
        if isinstance(answer, Sent):
            return await self._outbox.record_outcome(call, Delivered(message.id, WEBHOOK))
        if answer.reason in REFUSALS:
            return await self._outbox.record_outcome(call, NotDelivered(answer.reason))
        await self._outbox.record_failure(call, answer.reason)
        raise PortFailed(f"tell: {answer.reason}")

    async def _recorded_message(
        self, call: PendingCall
    ) -> OutboxMessage | Delivered | NotDelivered:
        """Return the message once the entry behind it is recorded: it says what happened."""
        for _ in range(POLLS):
            message = await self._outbox.prepare(call)
            if not isinstance(message, OutboxMessage) or message.happened:
                return message
            await asyncio.sleep(POLL_SECONDS)
        raise PortFailed("tell: not_recorded")
