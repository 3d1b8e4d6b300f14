"""Staff, teams, and the keys that open the door."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, UniqueConstraint

from store.db.tables import table, within
from store.db.types import Instant, Json, Words

staff = table(
    "staff",
    Column("id", String, primary_key=True),
    Column("name", Words, nullable=False),
    Column("roles", Json, nullable=False),
    Column("active", Boolean, nullable=False),
)

teams = table(
    "teams",
    Column("id", String, primary_key=True),
    Column("name", Words, nullable=False),
)

memberships = table(
    "memberships",
    Column("team", String, primary_key=True),
    Column("staff", String, primary_key=True),
    Index(None, "tenant", "staff"),
    within(teams, "team"),
    within(staff, "staff"),
)

# An id is unique over all tenants: a key at the door says itself whose it is.
api_keys = table(
    "api_keys",
    Column("id", String, primary_key=True),
    Column("owner_kind", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("roles", Json, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("id"),
)
