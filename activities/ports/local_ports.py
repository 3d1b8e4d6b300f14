"""Local ports: a call is carried out by writing a local order, once."""

from activities.ports.interfaces import Answer, Done
from domain.engine.messages import PendingCall
from store import Store


class LocalPorts:
    """Payments and couriers where no others are connected."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def refund(self, pending_call: PendingCall) -> Answer:
        """Write the refund down."""
        return await self._enter(pending_call)

    async def send(self, pending_call: PendingCall) -> Answer:
        """Write the parcel down."""
        return await self._enter(pending_call)

    async def _enter(self, pending_call: PendingCall) -> Done:
        return Done((await self._store.local_orders.enter(pending_call)).reference)
