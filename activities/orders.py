"""Refund: money goes back to the customer, and the process hears whether it did."""

from temporalio import activity

from activities.ports.interfaces import Couriers, Payments, outcome
from domain.engine.messages import Outcome, PendingCall


class Refunding:
    """The activity `refund`, given whoever pays."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments

    @activity.defn(name="refund")
    async def refund(self, errand: PendingCall) -> Outcome:
        """Pay once per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._payments.refund(errand))


class Replacing:
    """The activity `replacement`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="replacement")
    async def replacement(self, errand: PendingCall) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._couriers.send(errand))


class Shipping:
    """The activity `shipment`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="shipment")
    async def shipment(self, errand: PendingCall) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._couriers.send(errand))
