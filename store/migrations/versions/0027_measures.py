"""Cases say when an improvement measure of theirs is due first that nobody checked yet."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_cases_measures"
WITH_MEASURES = sa.text("measure_due IS NOT NULL")


def upgrade() -> None:
    op.add_column("cases", sa.Column("measure_due", sa.Date(), nullable=True))
    op.create_index(
        NAME,
        "cases",
        ["tenant", "measure_due", "number"],
        sqlite_where=WITH_MEASURES,
        postgresql_where=WITH_MEASURES,
    )


def downgrade() -> None:
    op.drop_index(NAME, "cases")
    op.drop_column("cases", "measure_due")
