"""Tell: the outcome goes to the customer, and the process hears whether it did."""

import asyncio

from temporalio import activity

from activities.ports.interfaces import PortFailed
from activities.webhooks import GONE, Sent, Webhooks
from domain.engine.messages import Outcome, PendingCall
from store import Store
from store.outbox.records import Delivered, NotDelivered, OutboxMessage

WEBHOOK = "webhook"
REFUSALS = frozenset({"http_409", "http_422", GONE})
"""What a receiver says that will not pass the message on; all else is tried again."""
LOOK, LOOKS = 0.1, 50
"""How often a look for the entry is taken, in seconds, and how many times."""


class Telling:
    """The activity `tell`. Without a webhook, delivering means to keep the message readable.

    A customer without any contact point is a refusal, not an error: somebody tells them in person.
    So is a receiver that says no.
    """

    def __init__(self, store: Store, webhooks: Webhooks | None = None) -> None:
        self._outbox, self._webhooks = store.outbox, webhooks

    @activity.defn(name="tell")
    async def tell(self, pending_call: PendingCall) -> Outcome:
        """Deliver under one id per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be told; Temporal tries again.
        """
        if self._webhooks is None:
            answer = await self._outbox.deliver(pending_call)
        else:
            answer = await self._posted(self._webhooks, pending_call)
        if isinstance(answer, Delivered):
            return Outcome(
                step=pending_call.done, form={"message": answer.message, "channel": answer.channel}
            )
        return Outcome(step=pending_call.refused, form={"reason": answer.reason})

    async def _posted(
        self, webhooks: Webhooks, pending_call: PendingCall
    ) -> Delivered | NotDelivered:
        letter = await self._recorded(pending_call)
        if not isinstance(letter, OutboxMessage):
            return letter
        said = await webhooks.send(letter)
        if isinstance(said, Sent):
            return await self._outbox.settle(pending_call, Delivered(letter.id, WEBHOOK))
        if said.reason in REFUSALS:
            return await self._outbox.settle(pending_call, NotDelivered(said.reason))
        await self._outbox.failed(pending_call, said.reason)
        raise PortFailed(f"tell: {said.reason}")

    async def _recorded(
        self, pending_call: PendingCall
    ) -> OutboxMessage | Delivered | NotDelivered:
        """The letter, once the entry behind it is recorded, so that it says what happened."""
        for _ in range(LOOKS):
            letter = await self._outbox.take_out(pending_call)
            if not isinstance(letter, OutboxMessage) or letter.happened:
                return letter
            await asyncio.sleep(LOOK)
        raise PortFailed("tell: not_recorded")
