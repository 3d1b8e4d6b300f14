"""The tables of attachments: those that entries tell of, and what was erased, which none tells."""

from sqlalchemy import Boolean, Column, Integer, String

from store.cases.tables import cases
from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

attachments = table(
    "attachments",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Json, nullable=False),
    Column("key", String, nullable=False),
    Column("name", UserText, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("note", UserText, nullable=False),
    child_of(cases, "number"),
)

# A record, which no rebuild can make: a case may be over, and take no entry, when it is erased.
attachment_erasures = table(
    "attachment_erasures",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", Json, nullable=False),
    Column("reason", UserText, nullable=False),
    # When the content was gone; until then it has to be removed again.
    Column("removed_at", Instant),
)
