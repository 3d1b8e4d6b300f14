"""The metadata with every table, for migrations and whatever else goes over all subjects."""

from store.assignments.tables import assignments
from store.attachments.tables import attachment_erasures, attachments
from store.audit.tables import audit
from store.batches.tables import batches
from store.cases.tables import cases, clocks, comments
from store.changes.tables import changes
from store.customers.tables import customers
from store.db.tables import metadata
from store.drafts.tables import drafts
from store.intake.tables import reservations
from store.local_orders import local_orders
from store.orders.tables import orders
from store.outbox.tables import outbox
from store.people.tables import staff
from store.policies import published_policies
from store.presence import presence
from store.saved_views import saved_views
from store.scheduled.tables import scheduled_messages
from store.sign_in.tables import staff_sessions

__all__ = [
    "assignments",
    "attachment_erasures",
    "attachments",
    "audit",
    "batches",
    "cases",
    "changes",
    "clocks",
    "comments",
    "customers",
    "drafts",
    "local_orders",
    "metadata",
    "orders",
    "outbox",
    "presence",
    "published_policies",
    "reservations",
    "saved_views",
    "scheduled_messages",
    "staff",
    "staff_sessions",
]
