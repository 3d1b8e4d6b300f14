"""Units that no order knows are claimed by their serial number, and their product if it is said."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEX = "ix_unit_claims_tenant_serial"


def upgrade() -> None:
    op.add_column("unit_claims", sa.Column("product", sa.String(), nullable=True))
    op.create_index(op.f(INDEX), "unit_claims", ["tenant", "serial"])


def downgrade() -> None:
    # Claims without an order stay: older code never looks at them.
    op.drop_index(op.f(INDEX), table_name="unit_claims")
    op.drop_column("unit_claims", "product")
