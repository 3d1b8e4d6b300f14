"""Refund: money goes back to the customer, and the process hears whether it did."""

from temporalio import activity

from activities.ports.interfaces import Couriers, Payments, outcome
from domain.engine.messages import Outcome, PendingCall


class Refunding:
    """The activity `refund`, given whoever pays."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments

    @activity.defn(name="refund")
    async def refund(self, pending_call: PendingCall) -> Outcome:
        """Pay once per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(pending_call, await self._payments.refund(pending_call))


class Replacing:
    """The activity `replacement`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="replacement")
    async def replacement(self, pending_call: PendingCall) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(pending_call, await self._couriers.send(pending_call))


class Shipping:
    """The activity `shipment`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="shipment")
    async def shipment(self, pending_call: PendingCall) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(pending_call, await self._couriers.send(pending_call))
