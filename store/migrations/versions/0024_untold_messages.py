"""Customers' messages of which their cases have not heard yet."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEX = "ix_comments_untold"


def upgrade() -> None:
    # No case waits for what was said before this release, nor for what an older release writes.
    no = sa.false()
    op.add_column("comments", sa.Column("untold", sa.Boolean, nullable=False, server_default=no))
    op.create_index(
        INDEX,
        "comments",
        ["tenant", "at"],
        sqlite_where=sa.text("untold = 1"),
        postgresql_where=sa.text("untold"),
    )


def downgrade() -> None:
    op.drop_index(INDEX, "comments")
    op.drop_column("comments", "untold")
