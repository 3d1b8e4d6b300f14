"""What customers wrote about cases and nobody on the staff has read."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases.tables import comments


async def unread_of(
    connection: AsyncConnection, tenant: str, numbers: Sequence[str]
) -> dict[str, int]:
    """Count the customers' unread messages by case; cases without any are left out."""
    query = select(comments.c.number, func.count().label("n")).where(
        comments.c.tenant == tenant, comments.c.number.in_(numbers), comments.c.unread
    )
    rows = (await connection.execute(query.group_by(comments.c.number))).all()
    return {row.number: row.n for row in rows}
