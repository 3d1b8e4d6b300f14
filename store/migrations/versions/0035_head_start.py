"""Cases and tasks keep by how much sooner than they are due they stand in lists."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0031"
branch_labels = None
depends_on = None

OPEN, OPEN_BY_KIND = "closed_at IS NULL", "closed_at IS NULL AND kind IS NOT NULL"
BEFORE = {
    "ix_cases_open": (["tenant", "rank", "number"], OPEN),
    "ix_cases_open_views": (
        [
            *("tenant", "waits_on", "assignee", "team", "held_until"),
            *("rank", "escalation_tier", "number", "kind", "closed_at"),
        ],
        OPEN_BY_KIND,
    ),
}
AFTER = {
    "ix_cases_open": (["tenant", "rank", "number", "next_due"], OPEN),
    "ix_cases_open_views": (
        [
            *("tenant", "waits_on", "assignee", "team", "held_until"),
            *("rank", "next_due", "escalation_tier", "number", "kind", "closed_at"),
        ],
        OPEN_BY_KIND,
    ),
}
DUE = {"cases": "next_due", "tasks": "due_at"}
LAST = "9999-12-31 00:00:00.000000"


def upgrade() -> None:
    for table in DUE:
        column = sa.Column("head_start", sa.BigInteger(), nullable=False, server_default="0")
        op.add_column(table, column)
    _index_anew(AFTER)


def downgrade() -> None:
    _index_anew(BEFORE)
    found = op.get_bind().execute(
        sa.text("SELECT DISTINCT cases.tenant FROM cases ORDER BY cases.tenant")
    )
    for tenant in found.scalars().all():
        for table, due in DUE.items():
            _rank_by_due(tenant, table, due)
    for table in DUE:
        op.drop_column(table, "head_start")


def _rank_by_due(tenant: str, table: str, due: str) -> None:
    statement = (
        f"UPDATE {table} SET rank = COALESCE({due}, '{LAST}') "  # noqa: S608 — our own names
        f"WHERE {table}.tenant = :tenant AND head_start <> 0"
    )
    op.get_bind().execute(sa.text(statement), {"tenant": tenant})


def _index_anew(indexes: dict[str, tuple[list[str], str]]) -> None:
    for name, (columns, where) in indexes.items():
        only = sa.text(where)
        op.drop_index(op.f(name), table_name="cases")
        op.create_index(op.f(name), "cases", columns, sqlite_where=only, postgresql_where=only)
