"""The tables of cases; they fit every kind, so a new kind needs no migration."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, false, text

from store.db.tables import child_of, table
from store.db.types import Elapsed, Instant, Json, UserText

NEVER_DUE = datetime(9999, 12, 31, tzinfo=UTC)
"""The rank of a case or a task without a due time."""
LAST_RANK = "9999-12-31 00:00:00.000000"
"""The same as SQLite keeps it: its moments are texts, and sort as such."""


def rank_of(due: datetime | None, head_start: timedelta) -> datetime:
    """Return by which moment lists sort what is due then."""
    return (due or NEVER_DUE) - head_start


def only(condition: str) -> dict[str, Any]:
    """Return the options of an index that has only the rows for which this holds."""
    return dict.fromkeys(("sqlite_where", "postgresql_where"), text(condition))


ON_HOLD = only("held_until IS NOT NULL")
OPEN = only("closed_at IS NULL")
CLOSED = only("closed_at IS NOT NULL")
OURS: Final = "'staff'"
HEARD_CLOSED = only(f"closed_at IS NOT NULL AND waits_on = {OURS}")
"""A closed case whose customer wrote since: nothing else that is over waits for us."""
OPEN_REQUESTS = only("request IS NOT NULL AND done_at IS NULL")
RATED = only("rated_at IS NOT NULL")
WITH_MEASURES = only("measure_due IS NOT NULL")
MERGED = only("merged_into IS NOT NULL")
ENDED = only("ended_at IS NOT NULL")
BREACHED = only("breached_at IS NOT NULL")

# Every case has a kind. An index that says so is used by queries that say so, and by no others:
# SQLite, which knows no sizes, would else choose it for lists, too.
ARRIVALS = only("kind IS NOT NULL")
OPEN_BY_KIND = only("closed_at IS NULL AND kind IS NOT NULL")
UNASSIGNED = only("assignee IS NULL AND closed_at IS NULL AND kind IS NOT NULL")
BOARD = (
    *("tenant", "kind", "stage", "priority", "assignee"),
    *("team", "waits_on", "next_due", "held_until", "closed_at"),
)
"""All that the board asks of open cases; SQLite reads a row for what is only in the condition."""
VIEWS = (
    *("tenant", "waits_on", "assignee", "team", "held_until"),
    *("rank", "next_due", "escalation_tier", "number", "kind", "closed_at"),
)
"""All that the views of the inbox ask of open cases."""
UNTOLD: dict[str, Any] = {"sqlite_where": text("untold = 1"), "postgresql_where": text("untold")}
UNREAD: dict[str, Any] = {"sqlite_where": text("unread = 1"), "postgresql_where": text("unread")}
"""As each database is asked for it: SQLite uses such an index only if the words are the same."""

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
    Column("measure_due", Date),
    Column("next_due", Instant),
    Column("head_start", Elapsed, nullable=False, server_default="0"),
    Column("held_until", Instant),
    Column("escalation_tier", Integer, nullable=False, server_default="0"),
    Column("satisfaction", String),
    Column("nps", Integer),
    Column("rated_at", Instant),
    Column("chases", Integer, nullable=False, server_default="0"),
    Column("chased_at", Instant),
    Column("unseen_by", Json, nullable=False, server_default="[]"),
    Column("merged_into", String),
    Column("etag", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    # `rank_of` the due time: the inbox sorts by this column, so that an index can serve it.
    Column("rank", Instant, nullable=False, server_default=LAST_RANK),
    Index(None, "tenant", "received_at", "number"),
    Index(None, "tenant", "next_due"),
    # Few cases are on hold, so an index of those alone costs next to nothing.
    Index("ix_cases_on_hold", "tenant", "received_at", "number", **ON_HOLD),
    Index(None, "tenant", "source", "received_at", "number"),
    Index(None, "tenant", "customer", "received_at", "number"),
    Index(None, "tenant", "external_ref", "received_at", "number"),
    Index(None, "tenant", "parent", "received_at", "number"),
    Index(None, "tenant", "order", "received_at", "number"),
    Index(None, "tenant", "product", "received_at", "number"),
    Index(None, "tenant", "kind", "stage", "state"),
    # Charts count what came in and what was closed, and average the ratings, over days and months.
    Index("ix_cases_arrivals", "tenant", "received_at", "kind", "team", **ARRIVALS),
    Index("ix_cases_closed", "tenant", "closed_at", "kind", "team", **CLOSED),
    Index("ix_cases_rated", "tenant", "rated_at", "kind", "team", "satisfaction", "nps", **RATED),
    # The board counts all that is open in one pass, without reading the rows.
    Index("ix_cases_board", *BOARD, **OPEN_BY_KIND),
    # Nor do the counts of the inbox's views.
    Index("ix_cases_open_views", *VIEWS, **OPEN_BY_KIND),
    Index("ix_cases_merged", "tenant", "merged_into", "number", **MERGED),
    Index("ix_cases_unassigned", "tenant", "received_at", "number", **UNASSIGNED),
    Index("ix_cases_measures", "tenant", "measure_due", "number", **WITH_MEASURES),
    # Of what is closed the inbox reads only what waits for an answer to its customer.
    Index("ix_cases_heard_closed", "tenant", "waits_on", "rank", "number", **HEARD_CLOSED),
    # Its last column is for counts of what is due, which read no row.
    Index("ix_cases_open", "tenant", "rank", "number", "next_due", **OPEN),
    Index("ix_cases_open_assignee", "tenant", "assignee", "rank", "number", **OPEN),
)

# The words that each case was opened with, as they are searched (`store.cases.words`). Its key, in
# which SQLite keeps the rows, is the order of what is found: the newest is read first.
case_words = table(
    "case_words",
    Column("received_at", Instant, primary_key=True),
    Column("number", String, primary_key=True),
    Column("words", UserText, nullable=False),
    Index(None, "tenant", "number"),
    child_of(cases, "number"),
    sqlite_with_rowid=False,
)

# The goods that each case was opened with, in the spelling in which they are searched: a row for
# each unit whose serial number is known, and one for a line of which none is.
case_goods = table(
    "case_goods",
    Column("number", String, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("product", String, nullable=False),
    Column("serial", String),
    Index(None, "tenant", "product"),
    Index(None, "tenant", "serial"),
    child_of(cases, "number"),
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
    Column("head_start", Elapsed, nullable=False, server_default="0"),
    Column("held_until", Instant),
    Column("done_at", Instant),
    Column("done_by", String),
    # Of a request to others: what is asked for, and by whom.
    Column("request", String),
    Column("asked_by", String),
    # `rank_of` the due time: lists sort by this column, so that an index can serve them.
    Column("rank", Instant, nullable=False, server_default="9999-12-31 00:00:00"),
    Index(None, "tenant", "done_at", "rank", "number", "seq"),
    Index(None, "tenant", "done_at", "received_at", "number", "seq"),
    Index(None, "tenant", "assignee", "done_at"),
    # Few requests are open, so an index of those alone costs next to nothing.
    # By `done_at`, too: SQLite, which knows no sizes, would else take an index of all open tasks.
    Index("ix_tasks_requests", "tenant", "done_at", "number", "seq", **OPEN_REQUESTS),
    child_of(cases, "number"),
)

# The open tasks that a role may see: `candidates` and `leads` of `tasks`, one row per role; of a
# request to a team that team stands for a role.
task_roles = table(
    "task_roles",
    Column("role", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("request", Boolean, nullable=False, server_default=false()),
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
    Column("breach_holder", String),
    Index(None, "tenant", "clock", "state"),
    # Charts count promises and how long they took; what still runs is in none of them.
    Index(
        "ix_clocks_ended", "tenant", "clock", "ended_at", "state", "number", "started_at", **ENDED
    ),
    Index("ix_clocks_breached", "tenant", "breached_at", "clock", "number", **BREACHED),
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
    # A customer's message of which its case has not heard yet.
    Column("untold", Boolean, nullable=False, server_default=false()),
    # Few are unread, so an index of those alone costs next to nothing.
    Index("ix_comments_unread", "tenant", "number", **UNREAD),
    Index("ix_comments_untold", "tenant", "at", **UNTOLD),
)
