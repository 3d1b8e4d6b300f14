"""Until when a case's task is on hold, with an index of those that are."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_cases_on_hold"
HELD = sa.text("held_until IS NOT NULL")


def upgrade() -> None:
    for table in ("cases", "tasks"):
        op.add_column(table, sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        INDEX,
        "cases",
        ["tenant", "received_at", "number"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="cases")
    for table in ("tasks", "cases"):
        op.drop_column(table, "held_until")
