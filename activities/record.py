"""Record: new entries of a case go into the store, in one transaction, once."""

from temporalio import activity

from domain.engine.chain import entry_hash
from domain.read_models.projection import ProjectionUpdate
from store import Store


class RecordActivity:
    """The activity `record`, given the store it writes to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name="record")
    async def record(self, update: ProjectionUpdate) -> str:
        """Write the entries and the rows that follow from them; return the newest entry's hash.

        The next entry carries this hash. A version that is gone back to, and would make of the same
        request another entry, links to what was recorded by that.

        Raises:
            StoreDown: the database does not answer; Temporal tries again, for ever.
        """
        await self._store.recorder.write(update)
        return entry_hash(update.entries[-1])
