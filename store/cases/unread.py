"""What customers wrote about cases and nobody on the staff has read.

It counts where somebody works on it: for the case that goes on, if the message's own is merged.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.tables import cases, comments


def counts_for() -> ColumnElement[str]:
    """Return the number of the case whose messages a comment is among."""
    merged = cases.alias("merged")
    into = select(merged.c.merged_into).where(
        merged.c.tenant == comments.c.tenant, merged.c.number == comments.c.number
    )
    return func.coalesce(into.correlate(comments).scalar_subquery(), comments.c.number)


async def unread_of(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, int]:
    """Count the customers' unread messages by case; cases without any are left out."""
    of_tenant = (comments.c.tenant == tenant, comments.c.unread)
    same = and_(cases.c.tenant == comments.c.tenant, cases.c.number == comments.c.number)
    own = (
        select(comments.c.number, func.count().label("n"))
        .select_from(comments.outerjoin(cases, same))
        .where(*of_tenant, comments.c.number.in_(numbers), cases.c.merged_into.is_(None))
    )
    # From the merged cases, which are few: SQLite would else begin at all that is unread.
    on_merged = select(func.count()).select_from(comments).where(*of_tenant, same)
    joined = select(cases.c.merged_into, on_merged.correlate(cases).scalar_subquery()).where(
        cases.c.tenant == tenant, cases.c.merged_into.in_(numbers)
    )
    both = union_all(own.group_by(comments.c.number), joined)
    counts: Counter[str] = Counter()
    for number, count in (await connection.execute(both)).all():
        counts[number] += count
    return dict(+counts)
