"""The feed of changes: kept for a day, in no backup, since it only tells pages to look again."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, String

from store.db.tables import table
from store.db.types import Instant

# `id` counts over all tenants. PostgreSQL draws it from a sequence, so that it may become visible
# after a higher one; SQLite has one writer at a time, who takes the next.
changes = table(
    "changes",
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("person", String),
    Column("at", Instant, nullable=False),
    Index(None, "id", unique=True),
    Index(None, "at"),
)
