"""Sign-in of staff: passwords, sessions, one-time links, known browsers, failed attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_passwords",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("staff_passwords"),
        sa.PrimaryKeyConstraint("tenant", "staff", name=op.f("pk_staff_passwords")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("staff_sessions"),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
    )
    op.create_index(op.f("ix_staff_sessions_tenant_staff"), "staff_sessions", ["tenant", "staff"])
    op.create_table(
        "sign_in_links",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("sign_in_links"),
        sa.PrimaryKeyConstraint("tenant", "staff", name=op.f("pk_sign_in_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_links_token_hash")),
    )
    op.create_table(
        "known_browsers",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("known_browsers"),
        sa.PrimaryKeyConstraint("tenant", "token_hash", "staff", name=op.f("pk_known_browsers")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "who", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(
        op.f("ix_sign_in_attempts_tenant_last_at"), "sign_in_attempts", ["tenant", "last_at"]
    )


def downgrade() -> None:
    op.drop_table("sign_in_attempts")
    op.drop_table("known_browsers")
    op.drop_table("sign_in_links")
    op.drop_table("staff_sessions")
    op.drop_table("staff_passwords")


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f(f"fk_{table}_staff")
    )
