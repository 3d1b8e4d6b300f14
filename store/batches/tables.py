"""Batches and their cases. Records: they are in no workflow's entries and cannot be made again."""

from sqlalchemy import Boolean, Column, Index, Integer, String

from store.db.tables import table, within
from store.db.types import Instant, Json, Words

batches = table(
    "batches",
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Json, nullable=False),
    Column("kind", String, nullable=False),
    Column("deed", Json, nullable=False),
    Column("reason", Words, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("which", Json, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("ended_at", Instant),
    Index(None, "tenant", "at", "id"),
)

# `came` is null until the case is done with; `tries` are those that nobody answered.
batch_items = table(
    "batch_items",
    Column("batch", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("came", String),
    Column("code", String),
    Column("detail", Words),
    Column("at", Instant),
    within(batches, "batch", cascade=True),
    Index(None, "tenant", "batch", "came", "tries", "place"),
)
