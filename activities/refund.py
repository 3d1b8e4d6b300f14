"""Refund: money goes back to the customer, and the process hears whether it did."""

from temporalio import activity

from activities.ports import Payments, outcome
from domain.effects import Errand, Outcome


class Refunding:
    """The activity `refund`, given whoever pays."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments

    @activity.defn(name="refund")
    async def refund(self, errand: Errand) -> Outcome:
        """Pay once per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._payments.refund(errand))
