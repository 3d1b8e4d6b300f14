"""What each start said of its customer, so that whoever asked is shown that and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "given_customers",
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("customer", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=True),
        sa.Column("contacts", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name="pk_given_customers"),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name="fk_given_customers_customers",
        ),
    )
    op.create_index(
        "ix_given_customers_tenant_customer_since",
        "given_customers",
        ["tenant", "customer", "since"],
    )


def downgrade() -> None:
    op.drop_table("given_customers")
