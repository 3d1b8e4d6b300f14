"""The clocks of the projection: one row for each instance."""

from sqlalchemy import Column, Index, Integer, String

from store.tables.base import table, within
from store.tables.projection import cases
from store.types import Elapsed, Instant, Json

clocks = table(
    "clocks",
    Column("number", String, primary_key=True),
    Column("clock", String, primary_key=True),
    Column("instance", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("budget", Elapsed, nullable=False),
    Column("calendar", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("paused_at", Instant),
    Column("breached_at", Instant),
    Column("ended_at", Instant),
    Column("rungs", Json, nullable=False),
    Index(None, "tenant", "clock", "state"),
    within(cases, "number"),
)
