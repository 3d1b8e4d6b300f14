"""Replacement: other goods go to the customer, and the process hears whether they did."""

from temporalio import activity

from activities.ports import Couriers, outcome
from domain.effects import Errand, Outcome


class Replacing:
    """The activity `replacement`, given whoever carries parcels."""

    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn(name="replacement")
    async def replacement(self, errand: Errand) -> Outcome:
        """Send one parcel per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown: it is not known to be done; Temporal tries again.
        """
        return outcome(errand, await self._couriers.send(errand))
