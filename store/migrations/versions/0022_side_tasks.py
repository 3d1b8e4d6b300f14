"""Requests beside a case's own task: whose they are, and that somebody chased, or has to look."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN_REQUESTS = sa.text("request IS NOT NULL AND done_at IS NULL")


def upgrade() -> None:
    chases = sa.Column("chases", sa.Integer(), nullable=False, server_default="0")
    unseen_by = sa.Column("unseen_by", sa.Text(), nullable=False, server_default="[]")
    op.add_column("cases", chases)
    op.add_column("cases", sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", unseen_by)
    for name in ("request", "asked_by"):
        op.add_column("tasks", sa.Column(name, sa.String(), nullable=True))
    no = sa.false()
    op.add_column("task_roles", sa.Column("request", sa.Boolean, nullable=False, server_default=no))
    op.create_index(
        op.f("ix_tasks_requests"),
        "tasks",
        ["tenant", "done_at", "number", "seq"],
        sqlite_where=OPEN_REQUESTS,
        postgresql_where=OPEN_REQUESTS,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_tasks_requests"), table_name="tasks")
    op.drop_column("task_roles", "request")
    for name in ("asked_by", "request"):
        op.drop_column("tasks", name)
    for name in ("unseen_by", "chased_at", "chases"):
        op.drop_column("cases", name)
