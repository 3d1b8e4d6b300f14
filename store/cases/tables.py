"""The tables of cases; they fit every kind, so a new kind needs no migration."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, false, text

from store.db.tables import child_of, table
from store.db.types import Elapsed, Instant, Json, UserText

NEVER_DUE = datetime(9999, 12, 31, tzinfo=UTC)
"""The rank of a task without a due time."""

ON_HOLD: dict[str, Any] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("held_until IS NOT NULL")
)

UNREAD: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), text("unread"))

cases = table(
    "cases",
    Column("number", String, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("process_version", Integer, nullable=False),
    Column("policy_version", String, nullable=False),
    Column("source", String, nullable=False),
    Column("external_ref", UserText),
    Column("channel", String, nullable=False),
    Column("customer", String),
    Column("order", String),
    Column("product", String),
    Column("parent", String),
    Column("received_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("state", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("waits_on", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("outcome", String),
    Column("team", String, nullable=False),
    Column("assignee", String),
    Column("category", String),
    Column("priority", String),
    Column("severity", String),
    Column("hardness", String),
    Column("next_due", Instant),
    Column("held_until", Instant),
    Column("etag", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Index(None, "tenant", "received_at", "number"),
    Index(None, "tenant", "next_due"),
    # Few cases are on hold, so an index of those alone costs next to nothing.
    Index("ix_cases_on_hold", "tenant", "received_at", "number", **ON_HOLD),
    Index(None, "tenant", "source", "received_at", "number"),
    Index(None, "tenant", "customer", "received_at", "number"),
    Index(None, "tenant", "external_ref", "received_at", "number"),
    Index(None, "tenant", "parent", "received_at", "number"),
    Index(None, "tenant", "order", "received_at", "number"),
    Index(None, "tenant", "kind", "stage", "state"),
)

entries = table(
    "entries",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("step", String),
    Column("actor", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("detected_at", Instant),
    Column("cause", Json, nullable=False),
    Column("form", Json, nullable=False),
    Column("led_to", String, nullable=False),
    Column("prev", String),
    child_of(cases, "number"),
)

tasks = table(
    "tasks",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("steps", Json, nullable=False),
    Column("candidates", Json, nullable=False),
    Column("leads", Json, nullable=False),
    Column("team", String, nullable=False),
    Column("assignee", String),
    Column("priority", String),
    Column("received_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("held_until", Instant),
    Column("done_at", Instant),
    Column("done_by", String),
    # `due_at` or NEVER_DUE: lists sort by this column, so that an index can serve them.
    Column("rank", Instant, nullable=False, server_default="9999-12-31 00:00:00"),
    Index(None, "tenant", "done_at", "rank", "number", "seq"),
    Index(None, "tenant", "done_at", "received_at", "number", "seq"),
    Index(None, "tenant", "assignee", "done_at"),
    child_of(cases, "number"),
)

# The open tasks that a role may see: `candidates` and `leads` of `tasks`, one row per role.
task_roles = table(
    "task_roles",
    Column("role", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    child_of(tasks, "number", "seq", cascade=True),
)

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
    child_of(cases, "number"),
)

# What is said about a case without moving it; no rebuild can make it.
comments = table(
    "comments",
    Column("number", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", Json, nullable=False),
    Column("visibility", String, nullable=False),
    Column("body", UserText, nullable=False),
    # A customer's message that nobody on the staff has read or answered.
    Column("unread", Boolean, nullable=False, server_default=false()),
    # Few are unread, so an index of those alone costs next to nothing.
    Index("ix_comments_unread", "tenant", "number", **UNREAD),
)
