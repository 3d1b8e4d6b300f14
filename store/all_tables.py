"""The metadata with every table, for migrations and whatever else goes over all subjects."""

from store.audit.tables import audit
from store.batches.tables import batches
from store.cases.tables import cases, clocks, comments
from store.customers.tables import customers
from store.db.tables import metadata
from store.intake.tables import reservations
from store.local_orders import local_orders
from store.outbox.tables import outbox
from store.people.tables import staff

__all__ = [
    "audit",
    "batches",
    "cases",
    "clocks",
    "comments",
    "customers",
    "local_orders",
    "metadata",
    "outbox",
    "reservations",
    "staff",
]
