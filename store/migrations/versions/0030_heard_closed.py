"""The closed cases whose customers wrote since are found for the inbox without reading the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

HEARD_CLOSED = sa.text("closed_at IS NOT NULL AND waits_on = 'staff'")
INDEX = "ix_cases_heard_closed"


def upgrade() -> None:
    op.create_index(
        op.f(INDEX),
        "cases",
        ["tenant", "waits_on", "rank", "number"],
        sqlite_where=HEARD_CLOSED,
        postgresql_where=HEARD_CLOSED,
    )


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="cases")
