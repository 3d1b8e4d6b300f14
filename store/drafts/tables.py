"""Drafts: records, since nobody can type them again."""

from sqlalchemy import BigInteger, Column, Index, Integer, String

from store.db.tables import table
from store.db.types import Instant, Json

# `counter` grows with each change that the browser makes. A draft that was sent or discarded stays
# without its content, so that what the browser saved before and comes late does not revive it.
drafts = table(
    "drafts",
    Column("person", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("number", String),
    Column("content", Json),
    Column("version", Integer),
    Column("counter", BigInteger, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("ended", String),
    Index(None, "saved_at"),
)
"""`version` is that of the case as it was when the draft was begun, `ended` how it ended."""
