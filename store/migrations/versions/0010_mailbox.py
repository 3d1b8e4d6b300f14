"""An index of the messages of one channel, so that the local mailbox can be read page by page."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEX = "ix_outbox_tenant_channel_delivered_at_number_seq_n"


def upgrade() -> None:
    op.create_index(INDEX, "outbox", ["tenant", "channel", "delivered_at", "number", "seq", "n"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="outbox")
