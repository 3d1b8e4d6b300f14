"""What people can do and whether they are here, and who was given which case by rule."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.create_table(
        "staff_profiles",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "staff"],
            ["staff.tenant", "staff.id"],
            name=op.f("fk_staff_profiles_staff"),
        ),
        sa.PrimaryKeyConstraint("tenant", "staff", name=op.f("pk_staff_profiles")),
    )
    op.create_table(
        "assignments",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("etag", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_assignments")),
    )
    op.create_index(
        op.f("ix_assignments_tenant_person_decided_at"),
        "assignments",
        ["tenant", "person", "decided_at"],
    )
    op.create_index(
        op.f("ix_assignments_pending"),
        "assignments",
        ["tenant", "decided_at"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def downgrade() -> None:
    op.drop_table("assignments")
    op.drop_table("staff_profiles")
