"""What the inbox sorts, counts and searches by: ranks and tiers of cases, words, names."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from store.cases.words import searchable

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LAST = "9999-12-31 00:00:00.000000"
OPEN = sa.text("closed_at IS NULL")
DUE = " AND next_due IS NOT NULL"
AT_ONCE = 1000
RAISING = ("warned", "breached", "escalated", "informed")
UNREAD_INDEX = ("ix_comments_unread", "comments", ["tenant", "number"])
UNREAD = sa.text("unread")
UNREAD_IN_SQLITE = sa.text("unread = 1")
INDEXES: dict[str, tuple[str, list[str], dict[str, Any]]] = {
    "ix_cases_tenant_product_received_at_number": (
        "cases",
        ["tenant", "product", "received_at", "number"],
        {},
    ),
    "ix_cases_open": (
        "cases",
        ["tenant", "rank", "number"],
        {"sqlite_where": OPEN, "postgresql_where": OPEN},
    ),
    "ix_cases_open_assignee": (
        "cases",
        ["tenant", "assignee", "rank", "number"],
        {"sqlite_where": OPEN, "postgresql_where": OPEN},
    ),
    "ix_customer_sources_tenant_name": ("customer_sources", ["tenant", "name"], {}),
    "ix_given_customers_tenant_name": ("given_customers", ["tenant", "name"], {}),
    "ix_case_words_tenant_number": ("case_words", ["tenant", "number"], {}),
}

entries = sa.table("entries", *map(sa.column, ("tenant", "number", "seq", "type", "form")))


def upgrade() -> None:
    rank = sa.Column("rank", sa.DateTime(timezone=True), nullable=False, server_default=LAST)
    tier = sa.Column("escalation_tier", sa.Integer(), nullable=False, server_default="0")
    op.add_column("cases", rank)
    op.add_column("cases", tier)
    op.create_table(
        "case_words",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "number"],
            ["cases.tenant", "cases.number"],
            name=op.f("fk_case_words_cases"),
        ),
        sa.PrimaryKeyConstraint("tenant", "received_at", "number", name=op.f("pk_case_words")),
        sqlite_with_rowid=False,
    )
    for name, (table, columns, options) in INDEXES.items():
        op.create_index(op.f(name), table, columns, **options)
    # SQLite never used the earlier index: the code asks for `unread = 1` there.
    op.drop_index(op.f(UNREAD_INDEX[0]), table_name=UNREAD_INDEX[1])
    op.create_index(*UNREAD_INDEX, sqlite_where=UNREAD_IN_SQLITE, postgresql_where=UNREAD)
    _fill()


def downgrade() -> None:
    op.drop_index(op.f(UNREAD_INDEX[0]), table_name=UNREAD_INDEX[1])
    op.create_index(*UNREAD_INDEX, sqlite_where=UNREAD, postgresql_where=UNREAD)
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(op.f(name), table_name=table)
    op.drop_table("case_words")
    for column in ("escalation_tier", "rank"):
        op.drop_column("cases", column)


def _fill() -> None:
    """Fill the columns and the table from what is there, as a rebuild would."""
    tenants = op.get_bind().execute(
        sa.text("SELECT DISTINCT cases.tenant FROM cases ORDER BY cases.tenant")
    )
    for tenant in tenants.scalars().all():
        _run("UPDATE cases SET rank = next_due WHERE cases.tenant = :tenant", tenant, DUE)
        _run(
            "INSERT INTO case_words (tenant, received_at, number, words) "
            "SELECT tenant, received_at, number, '' FROM cases WHERE cases.tenant = :tenant",
            tenant,
        )
        for rows in _entries(tenant, entries.c.seq == 1, entries.c.type == "opened"):
            texts = ((row.number, _words(row.form)) for row in rows)
            words = {number: searchable(text) for number, text in texts if text}
            _update(tenant, "case_words", "words", words)
        tiers: Counter[str] = Counter()
        for rows in _entries(tenant, entries.c.type.in_(RAISING)):
            for row in rows:
                tiers[row.number] += _raises(row.form)
        _update(tenant, "cases", "escalation_tier", +tiers)


def _run(statement: str, tenant: str, more: str = "") -> None:
    op.get_bind().execute(sa.text(statement + more), {"tenant": tenant})


def _entries(tenant: str, *which: Any) -> Iterator[Sequence[Any]]:
    """Yield the entries of which this is true, some at a time, so that memory is bounded."""
    query = sa.select(entries).where(entries.c.tenant == tenant, *which).limit(AT_ONCE)
    query = query.order_by(entries.c.number, entries.c.seq)
    rows = op.get_bind().execute(query).all()
    while rows:
        yield rows
        key = sa.tuple_(entries.c.number, entries.c.seq)
        rows = op.get_bind().execute(query.where(key > (rows[-1].number, rows[-1].seq))).all()


def _update(tenant: str, table: str, column: str, values: Mapping[str, Any]) -> None:
    statement = (
        f"UPDATE {table} SET {column} = :value "  # noqa: S608 — ours
        f"WHERE {table}.tenant = :of_tenant AND {table}.number = :of_number"
    )
    rows = [{"of_tenant": tenant, "of_number": n, "value": v} for n, v in values.items()]
    if rows:
        op.get_bind().execute(sa.text(statement), rows)


def _words(form: str) -> str | None:
    """Return the words that a case was opened with; a row that somebody damaged has none."""
    try:
        words = json.loads(form)["form"]["words"]
    except (ValueError, LookupError, TypeError):
        return None
    return words if isinstance(words, str) else None


def _raises(form: str) -> int:
    try:
        raises = json.loads(form)["raises"]
    except (ValueError, LookupError, TypeError):
        return 0
    return raises if isinstance(raises, int) else 0
