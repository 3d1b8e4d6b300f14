"""Shipment: the customer's goods go back, and the process hears whether they did."""

from temporalio import activity

from activities.ports import Couriers, outcome
from domain.effects import Errand, Outcome


class Shipping:
    """The activity `shipment`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="shipment")
    async def shipment(self, errand: Errand) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._couriers.send(errand))
