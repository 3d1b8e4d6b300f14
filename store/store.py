"""The store as others see it: one object, a part for each subject."""

import asyncio
import logging
from datetime import timedelta
from typing import Self

from sqlalchemy import text

from store.audit.log import AuditLog
from store.audit.read import AuditReader
from store.audit.seal import AuditSealer
from store.batches.batches import Batches, BatchItems
from store.cases.cases import Cases
from store.cases.clocks import Clocks
from store.cases.counts import Counts, Flow
from store.cases.entries import Entries
from store.cases.entry_hashes import EntryHashes
from store.cases.orphans import Orphans
from store.cases.recorder import Recorder
from store.cases.tasks import Tasks
from store.comments import Comments
from store.customers.customers import Customers
from store.db.clock import Clock, utc_now
from store.db.session import Sessions
from store.errors import StoreDown
from store.health import Health, Inventory
from store.intake.intake import Intake
from store.local_orders import LocalOrders
from store.migrations import is_current, upgrade_on
from store.outbox.outbox import Outbox
from store.outbox.queue import OutboxQueue
from store.people.keys import Keys
from store.people.people import People
from store.projection import Projection
from store.record_copy import RecordCopy

PATIENCE = 10.0


class Store:
    """Build it with `open`. Every method raises `StoreDown` when the database does not answer."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self.audit_log = AuditLog(sessions, clock)
        self.batch_items = BatchItems(sessions, clock)
        self.batches = Batches(sessions, clock)
        self.cases = Cases(sessions)
        self.entry_hashes = EntryHashes(sessions)
        self.clocks = Clocks(sessions)
        self.comments = Comments(sessions, clock)
        self.record_copy = RecordCopy(sessions)
        self.counts = Counts(sessions)
        self.customers = Customers(sessions)
        self.outbox_queue = OutboxQueue(sessions, clock)
        self.entries = Entries(sessions)
        self.flow = Flow(sessions)
        self.health = Health(sessions)
        self.intake = Intake(sessions, clock)
        self.inventory = Inventory(sessions)
        self.keys = Keys(sessions, clock)
        self.audit_reader = AuditReader(sessions)
        self.local_orders = LocalOrders(sessions, clock)
        self.outbox = Outbox(sessions, clock)
        self.people = People(sessions, clock)
        self.projection = Projection(sessions)
        self.recorder = Recorder(sessions)
        self.audit_sealer = AuditSealer(sessions)
        self.orphans = Orphans(sessions)
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


PAUSE = timedelta(milliseconds=500)

log = logging.getLogger("banjie.store")


async def open_when_up(url: str, patience: timedelta) -> Store:
    """The store, brought up to date; waits up to `patience` for its database.

    Raises:
        StoreDown: it did not answer in time.
        WrongUrl: the address names no database that can be used.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + patience.total_seconds()
    while True:
        try:
            return await Store.open(url, migrate=True)
        except StoreDown:
            if loop.time() > give_up:
                raise
            log.warning("waiting for the database")
            await asyncio.sleep(PAUSE.total_seconds())
