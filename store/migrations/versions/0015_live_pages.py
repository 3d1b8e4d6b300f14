"""What open pages hear, what people have typed, and messages that can still be called back."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person", sa.String, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_changes"),
    )
    op.create_index("ix_changes_id", "changes", ["id"], unique=True)
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_table(
        "drafts",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=True),
        sa.Column("content", sa.Text, nullable=True),
        sa.Column("version", sa.Integer, nullable=True),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "person", "subject", name="pk_drafts"),
    )
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])
    op.create_table(
        "presence",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("viewing_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writing_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", "person", name="pk_presence"),
    )
    messages = "scheduled_messages"
    op.create_table(
        messages,
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String, nullable=True),
        sa.Column("code", sa.String, nullable=True),
        sa.Column("kind", sa.String, nullable=True),
        sa.Column("params", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_scheduled_messages"),
    )
    op.create_index(f"ix_{messages}_status_due_at", messages, ["status", "due_at"])
    for column in ("author", "number"):
        columns = ["tenant", column, "status"]
        op.create_index(f"ix_{messages}_{'_'.join(columns)}", messages, columns)


def downgrade() -> None:
    for name in ("scheduled_messages", "presence", "drafts", "changes"):
        op.drop_table(name)
