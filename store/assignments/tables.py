"""Assignments by rule: a decision is kept before its case is told, and so is not lost."""

from sqlalchemy import Column, Index, Integer, String

from store.cases.tables import only
from store.db.tables import table
from store.db.types import Instant, UserText

PENDING = only("status = 'pending'")

assignments = table(
    "assignments",
    Column("number", String, primary_key=True),
    Column("etag", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("task", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("reason", UserText, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("status", String, nullable=False),
    Column("code", String),
    Index(None, "tenant", "person", "decided_at"),
    # Hardly any waits, so an index of those alone costs next to nothing.
    Index("ix_assignments_pending", "tenant", "decided_at", **PENDING),
)
