"""Clocks, and the columns by which lists sort by due time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FAR = "9999-12-31 00:00:00"


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rungs", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"],
            ["cases.tenant", "cases.number"],
            name=op.f("fk_clocks_cases"),
        ),
        sa.PrimaryKeyConstraint("tenant", "number", "clock", "instance", name=op.f("pk_clocks")),
    )
    op.create_index(op.f("ix_clocks_tenant_clock_state"), "clocks", ["tenant", "clock", "state"])
    op.add_column("cases", sa.Column("next_due", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_cases_tenant_next_due"), "cases", ["tenant", "next_due"])
    op.add_column(
        "tasks",
        sa.Column("rank", sa.DateTime(timezone=True), nullable=False, server_default=FAR),
    )
    op.create_index(
        op.f("ix_tasks_tenant_done_at_rank_number_seq"),
        "tasks",
        ["tenant", "done_at", "rank", "number", "seq"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_tasks_tenant_done_at_rank_number_seq"), "tasks")
    op.drop_index(op.f("ix_cases_tenant_next_due"), "cases")
    op.drop_column("tasks", "rank")
    op.drop_column("cases", "next_due")
    op.drop_table("clocks")
