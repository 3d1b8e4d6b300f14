"""Staff, teams, and API keys."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, UniqueConstraint

from store.db.tables import child_of, table
from store.db.types import Instant, Json, UserText

staff = table(
    "staff",
    Column("id", String, primary_key=True),
    Column("name", UserText, nullable=False),
    Column("roles", Json, nullable=False),
    Column("active", Boolean, nullable=False),
)

teams = table(
    "teams",
    Column("id", String, primary_key=True),
    Column("name", UserText, nullable=False),
)

memberships = table(
    "memberships",
    Column("team", String, primary_key=True),
    Column("staff", String, primary_key=True),
    Index(None, "tenant", "staff"),
    child_of(teams, "team"),
    child_of(staff, "staff"),
)

# Only those with a profile are given cases by rule; by nothing else is anybody kept from a case.
staff_profiles = table(
    "staff_profiles",
    Column("staff", String, primary_key=True),
    Column("skills", Json, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("since", Instant),
    child_of(staff, "staff"),
)

# An id is unique over all tenants, since a request says its tenant by its key alone.
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
