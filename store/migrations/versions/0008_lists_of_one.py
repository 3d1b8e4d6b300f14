"""Indexes that give the cases of one customer, reference or parent in list order."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OF_ONE = ("customer", "external_ref", "parent")
ORDER = ["received_at", "number"]


def upgrade() -> None:
    for name in OF_ONE:
        op.drop_index(op.f(f"ix_cases_tenant_{name}"), table_name="cases")
        op.create_index(_ordered(name), "cases", ["tenant", name, *ORDER])


def downgrade() -> None:
    for name in OF_ONE:
        op.drop_index(_ordered(name), table_name="cases")
        op.create_index(op.f(f"ix_cases_tenant_{name}"), "cases", ["tenant", name])


def _ordered(name: str) -> str:
    return op.f(f"ix_cases_tenant_{name}_received_at_number")
