"""Batches: one step for many cases, and the result for each."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_tenant_at_id"), "batches", ["tenant", "at", "id"])
    op.create_table(
        "batch_items",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("came", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "batch"],
            ["batches.tenant", "batches.id"],
            name=op.f("fk_batch_items_batches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "batch", "place", name=op.f("pk_batch_items")),
    )
    op.create_index(
        op.f("ix_batch_items_tenant_batch_came_tries_place"),
        "batch_items",
        ["tenant", "batch", "came", "tries", "place"],
    )


def downgrade() -> None:
    op.drop_table("batch_items")
    op.drop_table("batches")
