"""The store: one object, with a repository for each subject."""

import asyncio
import logging
from datetime import timedelta
from typing import Self

from sqlalchemy import make_url, text

from store.assignments.assignments import Assignments
from store.attachments.attachments import Attachments
from store.audit.log import AuditLog
from store.audit.read import AuditReader
from store.audit.seal import AuditSealer
from store.batches.batches import Batches, BatchItems
from store.cases.cases import Cases
from store.cases.clocks import Clocks
from store.cases.counts import Counts
from store.cases.entries import Entries
from store.cases.entry_hashes import EntryHashes
from store.cases.inbox import Inbox
from store.cases.search import CaseSearch
from store.cases.tasks import Tasks
from store.changes.changes import Changes
from store.comments import Comments
from store.customers.customers import Customers
from store.customers.versions import CustomerVersions
from store.db.clock import Clock, utc_now
from store.db.session import Sessions
from store.drafts.drafts import Drafts
from store.errors import StoreDown, StoreRefused
from store.health import Health, Inventory
from store.intake.intake import Intake
from store.local_orders import LocalOrders
from store.migrations import is_current, is_ours, upgrade_on
from store.orders.claims import UnitClaims
from store.orders.orders import Orders
from store.orders.turns import OrderTurns
from store.orphans import Orphans
from store.outbox.mailbox import Mailbox
from store.outbox.outbox import Outbox
from store.outbox.queue import OutboxQueue
from store.people.keys import Keys
from store.people.people import People
from store.people.profiles import Profiles
from store.policies import Policies
from store.presence import Presence
from store.projection import Projection
from store.projection.recorder import Recorder
from store.record_copy import RecordCopy
from store.reports.board import Board
from store.reports.charts import Charts
from store.saved_views import SavedViews
from store.scheduled.scheduled_messages import ScheduledMessages
from store.sign_in.credentials import Links, Passwords
from store.sign_in.sessions import StaffSessions
from store.sign_in.throttle import Attempts, KnownBrowsers

PATIENCE = 10.0
RETRY_INTERVAL = timedelta(milliseconds=500)
TELL_INTERVAL = timedelta(seconds=10)

log = logging.getLogger("banjie.store")


class Store:
    """Create it with `open`. Every method raises `StoreDown` when the database does not answer."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._add_pages(sessions, clock)
        self._add_rules(sessions, clock)
        self.attachments = Attachments(sessions, clock)
        self.audit_log = AuditLog(sessions, clock)
        self.audit_reader = AuditReader(sessions)
        self.audit_sealer = AuditSealer(sessions)
        self.batch_items = BatchItems(sessions, clock)
        self.batches = Batches(sessions, clock)
        self.board = Board(sessions)
        self.case_search = CaseSearch(sessions)
        self.cases = Cases(sessions)
        self.charts = Charts(sessions)
        self.clocks = Clocks(sessions)
        self.comments = Comments(sessions, clock)
        self.counts = Counts(sessions)
        self.customer_versions = CustomerVersions(sessions, clock)
        self.customers = Customers(sessions)
        self.entries = Entries(sessions)
        self.entry_hashes = EntryHashes(sessions)
        self.health = Health(sessions)
        self.inbox = Inbox(sessions)
        self.intake = Intake(sessions, clock)
        self.inventory = Inventory(sessions)
        self.keys = Keys(sessions, clock)
        self.local_orders = LocalOrders(sessions, clock)
        self.mailbox = Mailbox(sessions)
        self.order_turns = OrderTurns(sessions, clock)
        self.orders = Orders(sessions, clock)
        self.orphans = Orphans(sessions)
        self.outbox = Outbox(sessions, clock)
        self.outbox_queue = OutboxQueue(sessions, clock)
        self.people = People(sessions, clock)
        self.projection = Projection(sessions)
        self.record_copy = RecordCopy(sessions)
        self.recorder = Recorder(sessions)
        self.tasks = Tasks(sessions)
        self.unit_claims = UnitClaims(sessions, clock)

    def _add_rules(self, sessions: Sessions, clock: Clock) -> None:
        """Add what decides on cases: policies, and to whom they are given."""
        self.assignments = Assignments(sessions, clock)
        self.policies = Policies(sessions, clock)
        self.profiles = Profiles(sessions, clock)

    def _add_pages(self, sessions: Sessions, clock: Clock) -> None:
        """Add what signing in and open pages need, and nothing else does."""
        self.attempts = Attempts(sessions, clock)
        self.changes = Changes(sessions)
        self.drafts = Drafts(sessions, clock)
        self.known_browsers = KnownBrowsers(sessions, clock)
        self.links = Links(sessions, clock)
        self.passwords = Passwords(sessions, clock)
        self.presence = Presence(sessions, clock)
        self.saved_views = SavedViews(sessions, clock)
        self.scheduled_messages = ScheduledMessages(sessions, clock)
        self.staff_sessions = StaffSessions(sessions, clock)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        migrate: bool = False,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> Self:
        """Return the store at this address; it connects at first use, or now if it migrates.

        Args:
            url: `sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/database`.
            migrate: bring the tables up to date first.
            patience: seconds to wait for the database before it counts as down.
            clock: returns the present time, for methods whose caller hands in none.

        Raises:
            WrongUrl: the address names no database that can be used.
            StoreDown: the database does not answer the migration.
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
        """Check that the database answers."""
        async with self._sessions.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def migrate(self) -> None:
        """Bring the tables up to date; does nothing if they are."""
        await upgrade_on(self._sessions.engine)

    async def has_tables(self) -> bool:
        """Return whether a release of this code has made the tables, however old they are."""
        async with self._sessions.reading() as connection:
            return await connection.run_sync(is_ours)

    async def migrated(self) -> bool:
        """Return whether the tables are as new as this code, or newer."""
        async with self._sessions.reading() as connection:
            return await connection.run_sync(is_current)


async def open_when_up(url: str, patience: timedelta) -> Store:
    """Return the store with its tables up to date; wait up to `patience` for its database.

    Raises:
        StoreDown: the database did not answer in time.
        StoreRefused, MigrationFailed: it answers, and a person must mend something.
        WrongUrl: the address names no database that can be used.
    """
    loop = asyncio.get_running_loop()
    deadline, tell_at = loop.time() + patience.total_seconds(), 0.0
    while True:
        try:
            return await Store.open(url, migrate=True)
        except StoreRefused:
            raise
        except StoreDown:
            if loop.time() > deadline:
                raise
            if loop.time() >= tell_at:
                where = make_url(url).render_as_string(hide_password=True)
                log.warning("waiting for the database at %s (BANJIE_DATABASE_URL)", where)
                tell_at = loop.time() + TELL_INTERVAL.total_seconds()
            await asyncio.sleep(RETRY_INTERVAL.total_seconds())
