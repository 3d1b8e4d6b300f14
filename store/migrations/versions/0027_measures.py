"""Improvement measures, and what came of them, are found among all entries."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_entries_measures"
MEASURES = sa.text("step IN ('record_measure', 'check_measure')")


def upgrade() -> None:
    op.create_index(
        NAME,
        "entries",
        ["tenant", "number", "seq"],
        sqlite_where=MEASURES,
        postgresql_where=MEASURES,
    )


def downgrade() -> None:
    op.drop_index(NAME, "entries")
