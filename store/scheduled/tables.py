"""Scheduled messages: records, since no entry tells of a message before it is sent."""

from sqlalchemy import Column, Index, Integer, String

from store.db.tables import table
from store.db.types import Instant, Json, UserText

# `text` is empty once the history has it or its author has it back as a draft.
scheduled_messages = table(
    "scheduled_messages",
    Column("id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("author", String, nullable=False),
    Column("text", UserText, nullable=False),
    Column("digest", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("ended_at", Instant),
    Column("ended_by", String),
    Column("code", String),
    Column("kind", String),
    Column("params", Json),
    Index(None, "status", "due_at"),
    Index(None, "tenant", "author", "status"),
    Index(None, "tenant", "number", "status"),
)
