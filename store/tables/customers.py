"""Where personal data lives: customers and how to reach them."""

from sqlalchemy import Column, Index, Integer, String

from store.tables.base import table, within
from store.types import Instant, Words

customers = table(
    "customers",
    Column("ref", String, primary_key=True),
    Column("name", Words),
    Column("created_at", Instant, nullable=False),
)

# `normal` is the value in the one spelling that is matched; it belongs to one customer only.
contact_points = table(
    "contact_points",
    Column("kind", String, primary_key=True),
    Column("normal", Words, primary_key=True),
    Column("value", Words, nullable=False),
    Column("customer", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Index(None, "tenant", "customer", "rank"),
    within(customers, "customer"),
)
