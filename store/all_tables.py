"""Every table at once, for the migrations."""

from store.audit.tables import audit
from store.batches.tables import batches
from store.cases.tables import cases, clocks
from store.comments import comments
from store.customers.tables import customers
from store.db.tables import metadata
from store.intake.tables import reservations
from store.local_orders import ledger
from store.outbox.tables import outbox
from store.people.tables import staff

__all__ = [
    "audit",
    "batches",
    "cases",
    "clocks",
    "comments",
    "customers",
    "ledger",
    "metadata",
    "outbox",
    "reservations",
    "staff",
]
