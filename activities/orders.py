"""Orders to payments and the courier: each is done once, and the process is told the outcome."""

from temporalio import activity

from activities.ports.interfaces import Done, Port
from domain.engine.messages import Outcome, PendingCall


class OrderActivities:
    """The activities `refund`, `shipment` and `replacement`, given payments and the courier.

    Each orders once per `(number, seq, n)`, however often Temporal tries, and raises `PortFailed`
    or `StoreDown` while it is unknown whether it was done: Temporal tries again.
    """

    def __init__(self, payments: Port, courier: Port) -> None:
        self._payments, self._courier = payments, courier

    @activity.defn(name="refund")
    async def refund(self, call: PendingCall) -> Outcome:
        """Pay money back to the customer: `params["amount"]` in `params["currency"]`."""
        return await _order(self._payments, call)

    @activity.defn(name="shipment")
    async def shipment(self, call: PendingCall) -> Outcome:
        """Send the customer's own goods back to them."""
        return await _order(self._courier, call)

    @activity.defn(name="replacement")
    async def replacement(self, call: PendingCall) -> Outcome:
        """Send the customer other goods in exchange."""
        return await _order(self._courier, call)


async def _order(port: Port, call: PendingCall) -> Outcome:
    answer = await port.order(call)
    if isinstance(answer, Done):
        return Outcome(step=call.done, form={"reference": answer.reference})
    return Outcome(step=call.refused, form={"reason": answer.reason})
