"""Versions of customers' records, merged customers, and contact points that several people have."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HOLDERS = """
INSERT INTO point_holders (tenant, kind, normal, customer, rank)
SELECT contact_points.tenant, contact_points.kind, contact_points.normal,
       contact_points.customer, contact_points.rank
FROM contact_points
"""


def upgrade() -> None:
    for column in ("merged_into", "person"):
        op.add_column("customers", sa.Column(column, sa.String(), nullable=True))
    op.create_index(op.f("ix_customers_tenant_person"), "customers", ["tenant", "person"])
    _add_versions()
    _add_holders()
    op.execute(HOLDERS)


def _add_versions() -> None:
    op.create_table(
        "customer_versions",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("merged", sa.String(), nullable=True),
        sa.Column("into", sa.String(), nullable=True),
        sa.Column("request", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name=op.f("fk_customer_versions_customers"),
        ),
        sa.PrimaryKeyConstraint("tenant", "customer", "n", name=op.f("pk_customer_versions")),
        sa.UniqueConstraint("tenant", "request", name=op.f("uq_customer_versions_tenant_request")),
    )


def _add_holders() -> None:
    op.create_table(
        "point_holders",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("normal", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "kind", "normal"],
            ["contact_points.tenant", "contact_points.kind", "contact_points.normal"],
            name=op.f("fk_point_holders_contact_points"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name=op.f("fk_point_holders_customers"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "kind", "normal", "customer", name=op.f("pk_point_holders")
        ),
    )
    op.create_index(
        op.f("ix_point_holders_tenant_customer_rank"),
        "point_holders",
        ["tenant", "customer", "rank"],
    )


def downgrade() -> None:
    op.drop_table("point_holders")
    op.drop_table("customer_versions")
    op.drop_index(op.f("ix_customers_tenant_person"), "customers")
    for column in ("person", "merged_into"):
        op.drop_column("customers", column)
