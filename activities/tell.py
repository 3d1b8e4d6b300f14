"""Tell: the outcome goes to the customer, and the process hears whether it did."""

from temporalio import activity

from domain.effects import Errand, Outcome
from store import Store
from store.records import Delivered


class Telling:
    """The activity `tell`. Embedded, delivering means to keep the message readable in the outbox.

    A customer without any contact point is a refusal, not an error: somebody tells them in person.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name="tell")
    async def tell(self, errand: Errand) -> Outcome:
        """Deliver once per `(number, seq, n)`, however often Temporal tries.

        Raises:
            StoreDown: the database does not answer; Temporal tries again.
        """
        answer = await self._store.outbox.deliver(errand)
        if isinstance(answer, Delivered):
            return Outcome(
                step=errand.done, form={"message": answer.message, "channel": answer.channel}
            )
        return Outcome(step=errand.refused, form={"reason": answer.reason})
