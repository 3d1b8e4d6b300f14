"""The first tables."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text_columns(*names: str) -> Iterator[sa.Column[str]]:
    """Return text columns that are not null."""
    return (sa.Column(name, sa.String(), nullable=False) for name in names)


def upgrade() -> None:
    op.create_table(
        "api_keys",
        *_text_columns("tenant", "id", "owner_kind", "owner"),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_api_keys_id")),
    )
    op.create_table(
        "cases",
        *_text_columns("tenant", "number"),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("process_version", sa.Integer(), nullable=False),
        *_text_columns("policy_version", "source"),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=True),
        sa.Column("order", sa.String(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_text_columns("state", "stage", "waits_on"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("hardness", sa.String(), nullable=True),
        sa.Column("etag", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_tenant_customer"), "cases", ["tenant", "customer"])
    op.create_index(op.f("ix_cases_tenant_external_ref"), "cases", ["tenant", "external_ref"])
    op.create_index(
        op.f("ix_cases_tenant_kind_stage_state"), "cases", ["tenant", "kind", "stage", "state"]
    )
    op.create_index(
        op.f("ix_cases_tenant_received_at_number"), "cases", ["tenant", "received_at", "number"]
    )
    op.create_index(
        op.f("ix_cases_tenant_source_received_at_number"),
        "cases",
        ["tenant", "source", "received_at", "number"],
    )
    op.create_table(
        "comments",
        *_text_columns("tenant", "number", "id"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        *_text_columns("visibility", "body"),
        sa.PrimaryKeyConstraint("tenant", "number", "id", name=op.f("pk_comments")),
    )
    op.create_table(
        "customers",
        *_text_columns("tenant", "ref"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "ref", name=op.f("pk_customers")),
    )
    op.create_table(
        "outbox",
        *_text_columns("tenant", "number"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        *_text_columns("template", "to"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", "seq", "n", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_status_next_at"), "outbox", ["status", "next_at"])
    op.create_table(
        "staff",
        *_text_columns("tenant", "id", "name"),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "teams",
        *_text_columns("tenant", "id", "name"),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_teams")),
    )
    op.create_table(
        "contact_points",
        *_text_columns("tenant", "kind", "normal", "customer"),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name=op.f("fk_contact_points_customers"),
        ),
        sa.PrimaryKeyConstraint("tenant", "kind", "normal", name=op.f("pk_contact_points")),
    )
    op.create_index(
        op.f("ix_contact_points_tenant_customer_rank"),
        "contact_points",
        ["tenant", "customer", "rank"],
    )
    _create_sources()
    op.create_table(
        "entries",
        *_text_columns("tenant", "number"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("led_to", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"], ["cases.tenant", "cases.number"], name=op.f("fk_entries_cases")
        ),
        sa.PrimaryKeyConstraint("tenant", "number", "seq", name=op.f("pk_entries")),
    )
    op.create_table(
        "memberships",
        *_text_columns("tenant", "team", "staff"),
        sa.ForeignKeyConstraint(
            ["tenant", "staff"], ["staff.tenant", "staff.id"], name=op.f("fk_memberships_staff")
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "team"], ["teams.tenant", "teams.id"], name=op.f("fk_memberships_teams")
        ),
        sa.PrimaryKeyConstraint("tenant", "team", "staff", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_tenant_staff"), "memberships", ["tenant", "staff"])
    op.create_table(
        "reservations",
        *_text_columns("tenant", "number"),
        sa.Column("customer", sa.String(), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name=op.f("fk_reservations_customers"),
        ),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_reservations")),
        sa.UniqueConstraint("number", name=op.f("uq_reservations_number")),
    )
    op.create_table(
        "tasks",
        *_text_columns("tenant", "number"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text_columns("kind", "state", "stage"),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("leads", sa.Text(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "number"], ["cases.tenant", "cases.number"], name=op.f("fk_tasks_cases")
        ),
        sa.PrimaryKeyConstraint("tenant", "number", "seq", name=op.f("pk_tasks")),
    )
    op.create_index(
        op.f("ix_tasks_tenant_assignee_done_at"), "tasks", ["tenant", "assignee", "done_at"]
    )
    op.create_index(
        op.f("ix_tasks_tenant_done_at_received_at_number_seq"),
        "tasks",
        ["tenant", "done_at", "received_at", "number", "seq"],
    )
    op.create_table(
        "identities",
        *_text_columns("tenant", "kind", "scope", "value", "number", "digest"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"],
            ["reservations.tenant", "reservations.number"],
            name=op.f("fk_identities_reservations"),
        ),
        sa.PrimaryKeyConstraint("tenant", "kind", "scope", "value", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_tenant_number"), "identities", ["tenant", "number"])
    op.create_table(
        "task_roles",
        *_text_columns("tenant", "role", "number"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number", "seq"],
            ["tasks.tenant", "tasks.number", "tasks.seq"],
            name=op.f("fk_task_roles_tasks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "role", "number", "seq", name=op.f("pk_task_roles")),
    )


def _create_sources() -> None:
    """Who told us of a customer, and of a contact point."""
    op.create_table(
        "customer_sources",
        *_text_columns("tenant", "customer", "source"),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "customer"],
            ["customers.tenant", "customers.ref"],
            name=op.f("fk_customer_sources_customers"),
        ),
        sa.PrimaryKeyConstraint("tenant", "customer", "source", name=op.f("pk_customer_sources")),
    )
    op.create_table(
        "contact_sources",
        *_text_columns("tenant", "kind", "normal", "source", "value"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "kind", "normal"],
            ["contact_points.tenant", "contact_points.kind", "contact_points.normal"],
            name=op.f("fk_contact_sources_contact_points"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant", "kind", "normal", "source", name=op.f("pk_contact_sources")
        ),
    )


def downgrade() -> None:
    op.drop_table("contact_sources")
    op.drop_table("customer_sources")
    op.drop_table("task_roles")
    op.drop_table("identities")
    op.drop_table("tasks")
    op.drop_table("reservations")
    op.drop_table("memberships")
    op.drop_table("entries")
    op.drop_table("contact_points")
    op.drop_table("teams")
    op.drop_table("staff")
    op.drop_table("outbox")
    op.drop_table("customers")
    op.drop_table("comments")
    op.drop_table("cases")
    op.drop_table("api_keys")
