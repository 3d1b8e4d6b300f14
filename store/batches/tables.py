"""Batches and their cases: records, which stand in no entry and cannot be rebuilt."""

from sqlalchemy import Boolean, Column, Index, Integer, String

from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

batches = table(
    "batches",
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Json, nullable=False),
    Column("kind", String, nullable=False),
    Column("deed", Json, nullable=False),
    Column("reason", UserText, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("which", Json, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("ended_at", Instant),
    Column("retries", String),
    Index(None, "tenant", "at", "id"),
)

# `came` is null while the case waits; `tries` are attempts that nobody answered; `origin` is the
# batch that sent the same request before and got no answer.
batch_items = table(
    "batch_items",
    Column("batch", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("came", String),
    Column("code", String),
    Column("detail", UserText),
    Column("at", Instant),
    Column("origin", String),
    child_of(batches, "batch", cascade=True),
    Index(None, "tenant", "batch", "came", "tries", "place"),
)
