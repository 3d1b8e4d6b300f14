"""What is said: messages on their way out, and comments. Neither hangs on a case's row.

The projection may be dropped and built again; these are records and stay.
"""

from sqlalchemy import Column, Index, Integer, String

from store.tables.base import table
from store.types import Instant, Json, Words

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
    Index(None, "status", "next_at"),
)

comments = table(
    "comments",
    Column("number", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", Json, nullable=False),
    Column("visibility", String, nullable=False),
    Column("body", Words, nullable=False),
)
