"""Which case goes on for a merged one: what is unread of both is counted there."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into IS NOT NULL")
INDEX = "ix_cases_merged"

entries = sa.table("entries", *map(sa.column, ("tenant", "number", "seq", "type", "form")))
cases = sa.table("cases", *map(sa.column, ("tenant", "number", "state", "merged_into")))


def upgrade() -> None:
    op.add_column("cases", sa.Column("merged_into", sa.String(), nullable=True))
    op.create_index(
        op.f(INDEX),
        "cases",
        ["tenant", "merged_into", "number"],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )
    _fill()


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="cases")
    op.drop_column("cases", "merged_into")


def _fill() -> None:
    """Fill the column from what is there, as a rebuild would."""
    connection = op.get_bind()
    tenants = sa.select(cases.c.tenant).distinct().order_by(cases.c.tenant)
    for tenant in connection.execute(tenants).scalars().all():
        same = sa.and_(cases.c.tenant == entries.c.tenant, cases.c.number == entries.c.number)
        query = sa.select(entries.c.number, entries.c.form).select_from(entries.join(cases, same))
        # The newest comes last: a case may have been merged, separated and merged again.
        query = query.where(
            entries.c.tenant == tenant,
            cases.c.tenant == tenant,
            cases.c.state == "merged",
            entries.c.type == "merged",
        ).order_by(entries.c.number, entries.c.seq)
        for number, form in connection.execute(query).all():
            this = (cases.c.tenant == tenant, cases.c.number == number)
            connection.execute(sa.update(cases).where(*this).values(merged_into=_into(form)))


def _into(form: str) -> str | None:
    """Return the case that goes on; of a row that somebody damaged, none."""
    try:
        into = json.loads(form)["into"]
    except (ValueError, LookupError, TypeError):
        return None
    return into if isinstance(into, str) else None
