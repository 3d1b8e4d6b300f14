"""Passwords, one-time links, sessions, known browsers, and failed attempts.

Passwords are records. The others are ephemeral: no rebuild and no restore carries them over, since
a link that was used, or a session that was ended, would be good again.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, UniqueConstraint

from store.db.tables import child_of, table
from store.db.types import Instant
from store.people.tables import staff

staff_passwords = table(
    "staff_passwords",
    Column("staff", String, primary_key=True),
    Column("hash", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    child_of(staff, "staff"),
)

# Whoever has a token says nothing of its tenant, so tokens are unique over all tenants.
staff_sessions = table(
    "staff_sessions",
    Column("id", String, primary_key=True),
    Column("staff", String, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("method", String, nullable=False),
    Column("device", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "tenant", "staff"),
    UniqueConstraint("token_hash"),
    child_of(staff, "staff"),
)

sign_in_links = table(
    "sign_in_links",
    Column("staff", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    UniqueConstraint("token_hash"),
    child_of(staff, "staff"),
)

known_browsers = table(
    "known_browsers",
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff", String, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    child_of(staff, "staff"),
)

# `who` is a hash: what people type as a name may be anything, a password too.
sign_in_attempts = table(
    "sign_in_attempts",
    Column("who", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Index(None, "tenant", "last_at"),
)

EPHEMERAL = (staff_sessions, sign_in_links, known_browsers, sign_in_attempts)
