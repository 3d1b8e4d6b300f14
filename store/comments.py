"""Comments on cases; they do not move a case."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import Column, Row, Select, String, insert, select, tuple_

from domain.language.roles import Actor
from store.db.clock import Clock
from store.db.pages import Cursor, Page
from store.db.session import Sessions
from store.db.tables import table
from store.db.types import Instant, Json, UserText


class Visibility(StrEnum):
    """Who may read a comment."""

    INTERNAL = auto()
    PUBLIC = auto()


@dataclass(frozen=True)
class Comment:
    """A text about a case, by one author."""

    id: str
    number: str
    at: datetime
    author: Actor
    visibility: Visibility
    body: str


comments = table(
    "comments",
    Column("number", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", Json, nullable=False),
    Column("visibility", String, nullable=False),
    Column("body", UserText, nullable=False),
)


class Comments:
    """Keeps comments; the caller has checked that the case exists and who may comment."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self, tenant: str, number: str, author: Actor, visibility: Visibility, body: str
    ) -> Comment:
        """Add a comment.

        Raises:
            Unstorable: the body holds a NUL character.
        """
        id = f"co-{secrets.token_hex(8)}"
        comment = Comment(id, number, self._clock(), author, Visibility(visibility), body)
        row = {
            "tenant": tenant,
            "number": number,
            "id": id,
            "at": comment.at,
            "author": author.model_dump(mode="json"),
            "visibility": comment.visibility.value,
            "body": body,
        }
        async with self._sessions.writing() as connection:
            await connection.execute(insert(comments).values(row))
        return comment

    async def of(self, tenant: str, number: str, *, include_internal: bool) -> list[Comment]:
        """Return the comments on a case, oldest first."""
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(_oldest_first(tenant, number, include_internal))).all()
        return [_comment(row) for row in rows]

    async def page(
        self,
        tenant: str,
        number: str,
        *,
        include_internal: bool,
        after: Cursor | None,
        limit: int,
    ) -> Page[Comment]:
        """Return comments on a case, oldest first; `after` is the `next` of the page before."""
        query = _oldest_first(tenant, number, include_internal)
        if after is not None:
            key = tuple_(comments.c.at, comments.c.id)
            query = query.where(key > (datetime.fromisoformat(after[0]), after[1]))
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.limit(limit + 1))).all()
        items = tuple(_comment(row) for row in rows[:limit])
        return Page(items, _cursor(items[-1]) if len(rows) > limit else None)


def _oldest_first(tenant: str, number: str, include_internal: bool) -> Select[Any]:
    query = select(comments).where(comments.c.tenant == tenant, comments.c.number == number)
    if not include_internal:
        query = query.where(comments.c.visibility == Visibility.PUBLIC.value)
    return query.order_by(comments.c.at, comments.c.id)


def _comment(row: Row[Any]) -> Comment:
    author = Actor.model_validate(row.author)
    return Comment(row.id, row.number, row.at, author, Visibility(row.visibility), row.body)


def _cursor(comment: Comment) -> Cursor:
    return (comment.at.isoformat(), comment.id)
