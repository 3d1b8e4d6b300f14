"""The store as others see it: one object, a part for each subject."""

from typing import Self

from sqlalchemy import text

from store.audit import Audit
from store.batch_items import BatchItems
from store.batches import Batches
from store.cases import Cases
from store.chains import Chains
from store.clock import Clock, utc_now
from store.clocks import Clocks
from store.comments import Comments
from store.copying import Copying
from store.counts import Counts
from store.customers import Customers
from store.dispatching import Dispatching
from store.entries import Entries
from store.flow import Flow
from store.health import Health
from store.intake import Intake
from store.inventory import Inventory
from store.keys import Keys
from store.leaves import Leaves
from store.ledger import Ledger
from store.migrations import is_current, upgrade_on
from store.outbox import Outbox
from store.people import People
from store.projection import Projection
from store.recording import Recorder
from store.seals import Seals
from store.session import Sessions
from store.strays import Strays
from store.tasks import Tasks

PATIENCE = 10.0


class Store:
    """Build it with `open`. Every method raises `StoreDown` when the database does not answer."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self.audit = Audit(sessions, clock)
        self.batch_items = BatchItems(sessions, clock)
        self.batches = Batches(sessions, clock)
        self.cases = Cases(sessions)
        self.chains = Chains(sessions)
        self.clocks = Clocks(sessions)
        self.comments = Comments(sessions, clock)
        self.copying = Copying(sessions)
        self.counts = Counts(sessions)
        self.customers = Customers(sessions)
        self.dispatching = Dispatching(sessions, clock)
        self.entries = Entries(sessions)
        self.flow = Flow(sessions)
        self.health = Health(sessions)
        self.intake = Intake(sessions, clock)
        self.inventory = Inventory(sessions)
        self.keys = Keys(sessions, clock)
        self.leaves = Leaves(sessions)
        self.ledger = Ledger(sessions, clock)
        self.outbox = Outbox(sessions, clock)
        self.people = People(sessions, clock)
        self.projection = Projection(sessions)
        self.recording = Recorder(sessions)
        self.seals = Seals(sessions)
        self.strays = Strays(sessions)
        self.tasks = Tasks(sessions)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        migrate: bool = False,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> Self:
        """A store at this address; it connects when it is first used, or now to be migrated.

        Args:
            url: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/database`.
            migrate: bring the tables up to date first.
            patience: seconds to wait for the database before it counts as down.
            clock: what time it is, where no caller says.

        Raises:
            WrongUrl: the address names no database that can be used.
            StoreDown: it was to be migrated and does not answer.
        """
        store = cls(Sessions(url, patience), clock)
        if migrate:
            try:
                await store.migrate()
            except BaseException:
                await store.close()
                raise
        return store

    async def close(self) -> None:
        """Give all connections back."""
        await self._sessions.close()

    async def ping(self) -> None:
        """Ask for a sign of life."""
        async with self._sessions.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self) -> None:
        """Bring the tables up to date; does nothing when they are."""
        await upgrade_on(self._sessions.engine)

    async def migrated(self) -> bool:
        """Whether the tables are as new as this code, or newer."""
        async with self._sessions.reading() as connection:
            return await connection.run_sync(is_current)
