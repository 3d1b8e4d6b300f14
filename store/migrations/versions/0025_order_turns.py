"""Whose turn it is to decide about an order."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_turns",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("order", sa.String, primary_key=True),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("order_turns")
