"""Where personal data lives: customers, how to reach them, and who told us."""

from sqlalchemy import Column, Index, Integer, String

from store.db.tables import table, within
from store.db.types import Instant, Words

customers = table(
    "customers",
    Column("ref", String, primary_key=True),
    Column("created_at", Instant, nullable=False),
)

# The sources that know a customer, each with the name it gave; none reads another's.
customer_sources = table(
    "customer_sources",
    Column("customer", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("name", Words),
    Column("since", Instant, nullable=False),
    within(customers, "customer"),
)

# `normal` is the value in the one spelling that is matched; it belongs to one customer only.
contact_points = table(
    "contact_points",
    Column("kind", String, primary_key=True),
    Column("normal", Words, primary_key=True),
    Column("customer", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index(None, "tenant", "customer", "rank"),
    within(customers, "customer"),
)

# The sources that gave a contact point, each in its own spelling.
contact_sources = table(
    "contact_sources",
    Column("kind", String, primary_key=True),
    Column("normal", Words, primary_key=True),
    Column("source", String, primary_key=True),
    Column("value", Words, nullable=False),
    Column("since", Instant, nullable=False),
    within(contact_points, "kind", "normal"),
)
