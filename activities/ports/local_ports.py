"""The local version of a port: an order is done by writing it down, once."""

from activities.ports.interfaces import Done
from domain.engine.messages import PendingCall
from store import Store


class LocalPort:
    """Payments or the courier where no other system is connected."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def order(self, call: PendingCall) -> Done:
        """Write the order down."""
        return Done((await self._store.local_orders.add(call)).reference)
