"""What the board and charts read: the customers' ratings, and who held a case at a breach."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RATED = ("follow_up", "confirm")
BREAKING = ("breached", "escalated")
"""The types of entries that tell of a breach; one that was seen late is told with what followed."""
HELD_BY = "staff:"
AT_ONCE = 1000
OF_BOARD = (
    *("tenant", "kind", "stage", "priority", "assignee"),
    *("team", "waits_on", "next_due", "held_until", "closed_at"),
)
OF_VIEWS = (
    *("tenant", "waits_on", "assignee", "team"),
    *("held_until", "rank", "escalation_tier", "number", "kind", "closed_at"),
)
OF_RATED = ("tenant", "rated_at", "kind", "team", "satisfaction", "nps")
OF_ENDED = ("tenant", "clock", "ended_at", "state", "number", "started_at")
INDEXES: Mapping[str, tuple[str, Sequence[str], str]] = {
    "ix_cases_arrivals": (
        "cases",
        ("tenant", "received_at", "kind", "team"),
        "kind IS NOT NULL",
    ),
    "ix_cases_closed": ("cases", ("tenant", "closed_at", "kind", "team"), "closed_at IS NOT NULL"),
    "ix_cases_rated": ("cases", OF_RATED, "rated_at IS NOT NULL"),
    "ix_cases_board": ("cases", OF_BOARD, "closed_at IS NULL AND kind IS NOT NULL"),
    "ix_cases_open_views": ("cases", OF_VIEWS, "closed_at IS NULL AND kind IS NOT NULL"),
    "ix_cases_unassigned": (
        "cases",
        ("tenant", "received_at", "number"),
        "assignee IS NULL AND closed_at IS NULL AND kind IS NOT NULL",
    ),
    "ix_clocks_ended": ("clocks", OF_ENDED, "ended_at IS NOT NULL"),
    "ix_clocks_breached": (
        "clocks",
        ("tenant", "breached_at", "clock", "number"),
        "breached_at IS NOT NULL",
    ),
}

entries = sa.table(
    "entries",
    *map(sa.column, ("tenant", "number", "seq", "type", "step", "form")),
    sa.column("at", sa.DateTime(timezone=True)),
)
cases = sa.table(
    "cases",
    *map(sa.column, ("tenant", "number", "satisfaction", "nps")),
    sa.column("rated_at", sa.DateTime(timezone=True)),
)
clocks = sa.table(
    "clocks", *map(sa.column, ("tenant", "number", "clock", "instance", "breach_holder"))
)


def upgrade() -> None:
    op.add_column("cases", sa.Column("satisfaction", sa.String(), nullable=True))
    op.add_column("cases", sa.Column("nps", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("clocks", sa.Column("breach_holder", sa.String(), nullable=True))
    tenants = op.get_bind().execute(
        sa.text("SELECT DISTINCT cases.tenant FROM cases ORDER BY cases.tenant")
    )
    for tenant in tenants.scalars().all():
        _fill_ratings(tenant)
        _fill_holders(tenant)
    for name, (table, columns, condition) in INDEXES.items():
        op.create_index(op.f(name), table, [*columns], **_only(condition))


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(op.f(name), table_name=table)
    op.drop_column("clocks", "breach_holder")
    for column in ("rated_at", "nps", "satisfaction"):
        op.drop_column("cases", column)


def _only(condition: str) -> dict[str, Any]:
    return dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text(condition))


def _fill_ratings(tenant: str) -> None:
    """Fill in what each customer said last, as a rebuild would: without what was taken back."""
    which = sa.or_(entries.c.step.in_(RATED), entries.c.type == "rewound")
    of_cases = groupby(_entries(tenant, which), key=attrgetter("number"))
    ratings = ((number, _last_rating([*rows])) for number, rows in of_cases)
    this = (cases.c.tenant == tenant, cases.c.number == sa.bindparam("of_number"))
    _update(
        sa.update(cases).where(*this),
        ("satisfaction", "nps", "rated_at"),
        ({"of_number": number, **rating} for number, rating in ratings if rating),
    )


def _last_rating(rows: Sequence[Any]) -> dict[str, Any] | None:
    """Return the newest rating that no rewind has taken back."""
    until = None
    for row in reversed(rows):
        form = _form(row.form)
        if until is not None and row.seq > until:
            continue
        if row.type == "rewound":
            to = form.get("to")
            until = to if isinstance(to, int) else until
        elif form.get("satisfaction") is not None or form.get("nps") is not None:
            values = {name: form.get(name) for name in ("satisfaction", "nps")}
            return {**values, "rated_at": row.at}
    return None


def _fill_holders(tenant: str) -> None:
    """Fill in who held a case at each breach, as far as the entry of the breach told them."""
    keys = ("number", "clock", "instance")
    this = (clocks.c[name] == sa.bindparam(f"of_{name}") for name in keys)
    breaches = (_breach(row) for row in _entries(tenant, entries.c.type.in_(BREAKING)))
    _update(
        sa.update(clocks).where(clocks.c.tenant == tenant, *this),
        ("breach_holder",),
        (breach for breach in breaches if breach),
    )


def _breach(row: Any) -> dict[str, Any] | None:
    """Return a breach with its holder; None if nobody held the case, or the form does not say."""
    form = _form(row.form)
    told = form.get("tells")
    who = [str(each) for each in told] if isinstance(told, list) else []
    holder = next((each for each in who if each.startswith(HELD_BY)), None)
    if holder is None or not form.get("breach"):
        return None
    return {
        "of_number": row.number,
        "of_clock": form.get("clock"),
        "of_instance": form.get("instance"),
        "breach_holder": holder.removeprefix(HELD_BY),
    }


def _entries(tenant: str, which: Any) -> Iterator[Any]:
    """Yield the entries of which this is true, in order; some are read at a time."""
    query = sa.select(entries).where(entries.c.tenant == tenant, which).limit(AT_ONCE)
    query = query.order_by(entries.c.number, entries.c.seq)
    rows = op.get_bind().execute(query).all()
    while rows:
        yield from rows
        key = sa.tuple_(entries.c.number, entries.c.seq)
        rows = op.get_bind().execute(query.where(key > (rows[-1].number, rows[-1].seq))).all()


def _update(statement: Any, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write these columns, some rows at a time."""
    statement = statement.values({name: sa.bindparam(name) for name in names})
    remaining = iter(rows)
    while part := [*islice(remaining, AT_ONCE)]:
        op.get_bind().execute(statement, part)


def _form(text: str) -> dict[str, Any]:
    """Return a form; that of a row that somebody damaged is empty."""
    try:
        form = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return form if isinstance(form, dict) else {}
