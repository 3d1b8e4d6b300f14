"""An index that gives the cases of one order in list order."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_cases_tenant_order_received_at_number"


def upgrade() -> None:
    op.create_index(op.f(INDEX), "cases", ["tenant", "order", "received_at", "number"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="cases")
