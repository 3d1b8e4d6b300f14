"""An index of cases by parent."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "ix_cases_tenant_parent"


def upgrade() -> None:
    op.create_index(op.f(INDEX), "cases", ["tenant", "parent"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="cases")
