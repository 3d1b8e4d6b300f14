"""The tables that make a start happen once: reserved numbers, and the identities of starts."""

from sqlalchemy import Column, Index, Integer, String, UniqueConstraint

from store.customers.tables import customers
from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

# A number is unique over all tenants: it is the workflow's id.
reservations = table(
    "reservations",
    Column("number", String, primary_key=True),
    Column("customer", String),
    Column("reserved_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("status", Integer),
    Column("body", Json),
    # The goods of an order, as they were when the start was first tried, and what of it is claimed.
    Column("goods", Json),
    UniqueConstraint("number"),
    child_of(customers, "customer"),
)

# `kind` is "key" (scope: the client) or "ref" (scope: the source).
identities = table(
    "identities",
    Column("kind", String, primary_key=True),
    Column("scope", UserText, primary_key=True),
    Column("value", UserText, primary_key=True),
    Column("number", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "tenant", "number"),
    child_of(reservations, "number"),
)
