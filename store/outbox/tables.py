"""The outbox. Its rows do not refer to a case's row, so that a rebuild leaves them alone."""

from sqlalchemy import Column, Index, Integer, String

from store.db.tables import table
from store.db.types import Instant, Json, UserText

outbox = table(
    "outbox",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("template", String, nullable=False),
    Column("to", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("params", Json, nullable=False),
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("lease_until", Instant),
    Column("delivered_at", Instant),
    Column("message", String),
    Column("channel", String),
    Column("reason", String),
    Column("set_aside_at", Instant),
    Column("set_aside_by", String),
    Column("set_aside_reason", UserText),
    Index(None, "status", "next_at"),
    Index(None, "tenant", "channel", "delivered_at", "number", "seq", "n"),
)
