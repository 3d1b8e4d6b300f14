"""Policies are published while the programs run, and somebody else puts them in force."""

import sqlalchemy as sa
from alembic import op

from store.db.types import Instant, UserText

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_policies",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("title", UserText, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("reason", UserText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", name=op.f("pk_published_policies")),
    )
    op.create_table(
        "policy_releases",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("reason", UserText, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "n", name=op.f("pk_policy_releases")),
    )


def downgrade() -> None:
    op.drop_table("policy_releases")
    op.drop_table("published_policies")
