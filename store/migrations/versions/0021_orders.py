"""Orders, the units of them that open cases have claimed, and the goods that cases are about."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("unit_claims", "case_goods", "order_serials", "order_lines", "orders")


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    _add_orders()
    _add_lines()
    _add_what_cases_have()
    op.add_column("reservations", sa.Column("goods", sa.Text(), nullable=True))


def _add_orders() -> None:
    op.create_table(
        "orders",
        _text("tenant"),
        _text("key"),
        _text("id"),
        _text("source"),
        _text("channel", True),
        _text("customer", True),
        sa.Column("placed_on", sa.Date(), nullable=True),
        _text("currency"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_orders")),
    )


def _add_lines() -> None:
    op.create_table(
        "order_lines",
        _text("tenant"),
        _text("order"),
        _number("place"),
        _text("line"),
        _text("product"),
        _text("name", True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        _text("unit_price", True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        _text("product_line", True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "order"],
            ["orders.tenant", "orders.key"],
            name=op.f("fk_order_lines_orders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "order", "place", name=op.f("pk_order_lines")),
    )
    op.create_table(
        "order_serials",
        _text("tenant"),
        _text("order"),
        _number("place"),
        _number("n"),
        _text("serial"),
        _text("key"),
        sa.ForeignKeyConstraint(
            ["tenant", "order", "place"],
            ["order_lines.tenant", "order_lines.order", "order_lines.place"],
            name=op.f("fk_order_serials_order_lines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "order", "place", "n", name=op.f("pk_order_serials")),
    )
    op.create_index(op.f("ix_order_serials_tenant_key"), "order_serials", ["tenant", "key"])


def _add_what_cases_have() -> None:
    op.create_table(
        "case_goods",
        _text("tenant"),
        _text("number"),
        _number("n"),
        _text("product"),
        _text("serial", True),
        sa.ForeignKeyConstraint(
            ["tenant", "number"], ["cases.tenant", "cases.number"],
            name=op.f("fk_case_goods_cases"),
        ),
        sa.PrimaryKeyConstraint("tenant", "number", "n", name=op.f("pk_case_goods")),
    )  # fmt: skip
    for column in ("product", "serial"):
        op.create_index(op.f(f"ix_case_goods_tenant_{column}"), "case_goods", ["tenant", column])
    op.create_table(
        "unit_claims",
        _text("tenant"),
        _text("order"),
        _text("line"),
        _number("place"),
        _text("number"),
        _text("serial", True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "order", "line", "place", name=op.f("pk_unit_claims")),
        sa.UniqueConstraint(
            *("tenant", "order", "line", "serial"),
            name=op.f("uq_unit_claims_tenant_order_line_serial"),
        ),
    )
    op.create_index(op.f("ix_unit_claims_tenant_number"), "unit_claims", ["tenant", "number"])


def downgrade() -> None:
    op.drop_column("reservations", "goods")
    for table in TABLES:
        op.drop_table(table)
