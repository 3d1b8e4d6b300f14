"""The built-in ports: what is asked is done by writing it into the ledger, once."""

from activities.ports import Answer, Done
from domain.effects import Errand
from store import Store


class LedgerPorts:
    """Payments and couriers where no others are connected."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def refund(self, errand: Errand) -> Answer:
        """Write the refund down."""
        return await self._enter(errand)

    async def send(self, errand: Errand) -> Answer:
        """Write the parcel down."""
        return await self._enter(errand)

    async def _enter(self, errand: Errand) -> Done:
        return Done((await self._store.ledger.enter(errand)).reference)
