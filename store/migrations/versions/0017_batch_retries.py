"""Which batch another one tries again, and whose request a case of it repeats."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("retries", sa.String, nullable=True))
    op.add_column("batch_items", sa.Column("origin", sa.String, nullable=True))


def downgrade() -> None:
    op.drop_column("batch_items", "origin")
    op.drop_column("batches", "retries")
