"""Record: what is new of a case goes into the store, in one transaction, once."""

from temporalio import activity

from domain.read_models.projection import ProjectionUpdate
from store import Store


class Recording:
    """The activity `record`, given the store it writes to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name="record")
    async def record(self, batch: ProjectionUpdate) -> None:
        """Write the entries and all that follows from them.

        Raises:
            StoreDown: the database does not answer; Temporal tries again, for ever.
        """
        await self._store.recorder.write(batch)
