"""The tables with personal data: customers, their contact points, and who gave what of both."""

from sqlalchemy import Column, Index, Integer, String

from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

customers = table(
    "customers",
    Column("ref", String, primary_key=True),
    Column("created_at", Instant, nullable=False),
)

# The sources that know a customer, each with the name it gave; a source sees only its own.
customer_sources = table(
    "customer_sources",
    Column("customer", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("name", UserText),
    Column("since", Instant, nullable=False),
    child_of(customers, "customer"),
)

# `normal` is the value as it is matched; it belongs to one customer only.
contact_points = table(
    "contact_points",
    Column("kind", String, primary_key=True),
    Column("normal", UserText, primary_key=True),
    Column("customer", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index(None, "tenant", "customer", "rank"),
    child_of(customers, "customer"),
)

# The sources that gave a contact point, each in its own spelling.
contact_sources = table(
    "contact_sources",
    Column("kind", String, primary_key=True),
    Column("normal", UserText, primary_key=True),
    Column("source", String, primary_key=True),
    Column("value", UserText, nullable=False),
    Column("since", Instant, nullable=False),
    child_of(contact_points, "kind", "normal"),
)

# What a start said of its customer, whatever is known of the same customer from elsewhere: with a
# contact point that nobody has checked one is shown just this; and a second name is not lost.
given_customers = table(
    "given_customers",
    Column("number", String, primary_key=True),
    Column("customer", String, nullable=False),
    Column("source", String, nullable=False),
    Column("name", UserText),
    Column("contacts", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Index(None, "tenant", "customer", "since"),
    child_of(customers, "customer"),
)
