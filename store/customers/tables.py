"""The tables with personal data: customers, their contact points and versions, who gave what."""

from sqlalchemy import Column, Index, Integer, String, UniqueConstraint

from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

# A customer that was merged leads to another one: `merged_into` is what somebody said, `person` is
# where it leads in the end; both are empty for one that stands for itself.
customers = table(
    "customers",
    Column("ref", String, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("merged_into", String),
    Column("person", String),
    Index(None, "tenant", "person"),
)

# What people changed; the first version is what was there before. `request` is the id that follows
# from the request's key, `digest` the hash of what it said.
customer_versions = table(
    "customer_versions",
    Column("customer", String, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("what", String, nullable=False),
    Column("by", Json),
    Column("reason", UserText, nullable=False),
    Column("record", Json, nullable=False),
    Column("merged", String),
    Column("into", String),
    Column("request", String),
    Column("digest", String),
    UniqueConstraint("tenant", "request"),
    child_of(customers, "customer"),
)

# The sources that know a customer, each with the name it gave; a source sees only its own.
customer_sources = table(
    "customer_sources",
    Column("customer", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("name", UserText),
    Column("since", Instant, nullable=False),
    Index(None, "tenant", "name"),
    child_of(customers, "customer"),
)

# `normal` is the value as it is matched; `customer` is who had it first. Who has it now, is in
# `point_holders`: this row is what all who bring the same contact point wait for.
contact_points = table(
    "contact_points",
    Column("kind", String, primary_key=True),
    Column("normal", UserText, primary_key=True),
    Column("customer", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index(None, "tenant", "customer", "rank"),
    child_of(customers, "customer"),
)

# Who has a contact point: people with different names share a telephone. `given_up_at` is when a
# correction took it out.
point_holders = table(
    "point_holders",
    Column("kind", String, primary_key=True),
    Column("normal", UserText, primary_key=True),
    Column("customer", String, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("given_up_at", Instant),
    Index(None, "tenant", "customer", "rank"),
    child_of(contact_points, "kind", "normal"),
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
    Index(None, "tenant", "name"),
    child_of(customers, "customer"),
)
