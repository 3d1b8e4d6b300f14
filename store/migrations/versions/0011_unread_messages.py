"""Which comments are a customer's that nobody on the staff has read yet."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEX = "ix_comments_unread"
UNREAD = sa.text("unread")


def upgrade() -> None:
    # What was said before this release counts as read, and so does what an older release writes.
    no = sa.false()
    op.add_column("comments", sa.Column("unread", sa.Boolean, nullable=False, server_default=no))
    op.create_index(
        INDEX, "comments", ["tenant", "number"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="comments")
    op.drop_column("comments", "unread")
