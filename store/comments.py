"""Comments on cases; they do not move a case."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from domain.language.entries import EntryType
from domain.language.roles import Actor, Party
from store.cases.tables import cases, comments, entries
from store.cases.unread import unread_of
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.pages import Cursor, Page
from store.db.request_keys import RequestKey, derived_id
from store.db.session import Sessions
from store.db.sql import insert
from store.errors import CaseMerged, KeyReused
from store.outbox.messages import add_customer_message


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
    unread: bool = False


class Comments:
    """Keeps comments; the caller has checked that the case exists and who may comment."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self,
        tenant: str,
        number: str,
        author: Actor,
        visibility: Visibility,
        body: str,
        key: RequestKey | None = None,
        *,
        untold: bool = False,
        joined: Sequence[str] = (),
    ) -> tuple[Comment, bool]:
        """Add a comment, under a key once; return whether this request added it.

        A customer's is unread, and an event says that it came; with `untold` its case is to hear of
        it, too. A public one by staff answers what was unread, also of the cases that are `joined`.

        Raises:
            CaseMerged: another case goes on for it, since whoever asked last looked.
            KeyReused: the key came before with another comment on this case.
            Unstorable: the body holds a NUL character.
        """
        id = _id(tenant, key) if key else f"co-{secrets.token_hex(8)}"
        visibility, from_customer = Visibility(visibility), not author.is_staff
        comment = Comment(id, number, self._clock(), author, visibility, body, unread=from_customer)
        row = {
            "tenant": tenant,
            "number": number,
            "id": id,
            "at": comment.at,
            "author": author.model_dump(mode="json"),
            "visibility": comment.visibility.value,
            "body": body,
            "unread": from_customer,
            "untold": from_customer and untold,
        }
        async with self._sessions.writing() as connection:
            await _refuse_merged(connection, tenant, number)
            adding = insert(connection, comments).values(row).on_conflict_do_nothing()
            if (await connection.execute(adding)).rowcount:
                await _pass_on(connection, tenant, comment, joined)
                return comment, True
            this = [comments.c[name] == row[name] for name in ("tenant", "number", "id")]
            earlier = _comment((await connection.execute(select(comments).where(*this))).one())
        _check_same(earlier, visibility, body)
        return earlier, False

    async def earlier(
        self, tenant: str, number: str, key: RequestKey, visibility: Visibility, body: str
    ) -> Comment | None:
        """Return the comment that a request with this key added, if one did.

        It may be on a case into which this one was merged, where that one's comments went then.

        Raises:
            KeyReused: the key came before with another comment on this case.
        """
        merges = select(type_coerce(entries.c.form, Text)).where(
            entries.c.tenant == tenant,
            entries.c.number == number,
            entries.c.type == EntryType.MERGED.value,
        )
        async with self._sessions.reading() as connection:
            into = [_into(form) for form in (await connection.scalars(merges)).all()]
            query = select(comments).where(
                comments.c.tenant == tenant,
                comments.c.number.in_([number, *filter(None, into)]),
                comments.c.id == _id(tenant, key),
            )
            found = [_comment(row) for row in (await connection.execute(query)).all()]
        for comment in found:
            if comment.number == number:
                _check_same(comment, visibility, body)
        same = [each for each in found if (each.visibility, each.body) == (visibility, body)]
        return same[0] if same else None

    async def add_earlier(self, tenant: str, comments_of: Sequence[Comment]) -> int:
        """Add comments of one case with times of their own; return how many were not there yet.

        Nobody is told of them, since they are of another time.
        """
        rows = [
            {
                "tenant": tenant,
                "number": each.number,
                "id": each.id,
                "at": each.at,
                "author": each.author.model_dump(mode="json"),
                "visibility": each.visibility.value,
                "body": each.body,
            }
            for each in comments_of
        ]
        async with self._sessions.writing() as connection:
            adding = insert(connection, comments).values(rows).on_conflict_do_nothing()
            added = (await connection.execute(adding)).rowcount if rows else 0
            if added:
                author = comments_of[0].author.id
                number = comments_of[0].number
                await add_change(connection, tenant, ChangeName.NOTE, number, person=author)
            return added

    async def mark_read(self, tenant: str, number: str, joined: Sequence[str] = ()) -> int:
        """Mark what customers said about a case, and about those that are joined to it, as read.

        Return how many messages were unread.
        """
        async with self._sessions.writing() as connection:
            this = _unread(tenant, [number, *joined], self._clock())
            read = update(comments).where(*this).values(unread=False)
            numbers = (await connection.scalars(read.returning(comments.c.number))).all()
            for changed in sorted({number, *numbers}) if numbers else ():
                await add_change(connection, tenant, ChangeName.COMMENT, changed)
            return len(numbers)

    async def count_unread(self, tenant: str, numbers: Sequence[str]) -> dict[str, int]:
        """Count the customers' unread messages by case; cases without any are left out."""
        async with self._sessions.reading() as connection:
            return await unread_of(connection, tenant, numbers)

    async def untold_tenants(self, before: datetime) -> list[str]:
        """Return the tenants with messages from before, of which cases have not heard."""
        query = (
            select(comments.c.tenant).distinct().where(comments.c.untold, comments.c.at < before)
        )
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def untold(self, tenant: str, before: datetime, limit: int) -> list[Comment]:
        """Return messages from before, of which their cases have not heard; the oldest first."""
        these = [comments.c.tenant == tenant, comments.c.untold, comments.c.at < before]
        query = select(comments).where(*these).order_by(comments.c.at).limit(limit)
        async with self._sessions.reading() as connection:
            return [_comment(row) for row in (await connection.execute(query)).all()]

    async def mark_told(self, tenant: str, number: str, id: str) -> None:
        """Mark that the case has heard of a message, or need not."""
        this = [comments.c[n] == v for n, v in (("tenant", tenant), ("number", number), ("id", id))]
        async with self._sessions.writing() as connection:
            await connection.execute(update(comments).where(*this).values(untold=False))

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
        own: Party | None = None,
        after: Cursor | None,
        limit: int,
    ) -> Page[Comment]:
        """Return comments on a case, oldest first; `after` is the `next` of the page before.

        Internal ones by `own` are always among them.
        """
        query = _oldest_first(tenant, number, include_internal, own)
        if after is not None:
            key = tuple_(comments.c.at, comments.c.id)
            query = query.where(key > (datetime.fromisoformat(after[0]), after[1]))
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query.limit(limit + 1))).all()
        items = tuple(_comment(row) for row in rows[:limit])
        return Page(items, _cursor(items[-1]) if len(rows) > limit else None)

    async def newest(
        self,
        tenant: str,
        number: str,
        *,
        include_internal: bool,
        own: Party | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> list[Comment]:
        """Return the newest comments on a case, the oldest of them first; `own` as for a page.

        With `until` they are the newest of those that were written by then.
        """
        query = _oldest_first(tenant, number, include_internal, own).order_by(None)
        if until is not None:
            query = query.where(comments.c.at <= until)
        query = query.order_by(comments.c.at.desc(), comments.c.id.desc()).limit(limit)
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [_comment(row) for row in reversed(rows)]

    async def since(
        self,
        tenant: str,
        number: str,
        at: datetime | None,
        *,
        include_internal: bool,
        own: Party | None = None,
    ) -> list[Comment]:
        """Return the comments on a case that are dated after a moment, oldest first, or all."""
        query = _oldest_first(tenant, number, include_internal, own)
        if at is not None:
            query = query.where(comments.c.at > at)
        async with self._sessions.reading() as connection:
            return [_comment(row) for row in (await connection.execute(query)).all()]


def _oldest_first(
    tenant: str, number: str, include_internal: bool, own: Party | None = None
) -> Select[Any]:
    query = select(comments).where(comments.c.tenant == tenant, comments.c.number == number)
    if not include_internal:
        is_public = comments.c.visibility == Visibility.PUBLIC.value
        query = query.where(or_(is_public, _is_by(own)) if own else is_public)
    return query.order_by(comments.c.at, comments.c.id)


def _is_by(author: Party) -> ColumnElement[bool]:
    """Return that somebody wrote a comment, whatever roles they had then."""
    start = canonical_json({"id": author.id, "kind": author.kind.value}).removesuffix("}")
    return func.substr(type_coerce(comments.c.author, Text), 1, len(start)) == start


def _comment(row: Row[Any]) -> Comment:
    author = Actor.model_validate(row.author)
    return Comment(
        row.id, row.number, row.at, author, Visibility(row.visibility), row.body, row.unread
    )


def _cursor(comment: Comment) -> Cursor:
    return (comment.at.isoformat(), comment.id)


def _id(tenant: str, key: RequestKey) -> str:
    return f"co-{derived_id(tenant, key, 8)}"


def _check_same(earlier: Comment, visibility: Visibility, body: str) -> None:
    if (earlier.visibility, earlier.body) != (visibility, body):
        raise KeyReused("The key was used before, with another comment.")


def _into(form: str) -> str | None:
    """Return the case into which one was merged; an entry that somebody damaged says nothing."""
    try:
        into = json.loads(form)["into"]
    except (ValueError, LookupError, TypeError):
        return None
    return into if isinstance(into, str) else None


async def _refuse_merged(connection: AsyncConnection, tenant: str, number: str) -> None:
    """Refuse to add to a case that is merged; until this is written, it is not merged."""
    query = select(cases.c.merged_into).where(cases.c.tenant == tenant, cases.c.number == number)
    if into := await connection.scalar(query.with_for_update(read=True)):
        raise CaseMerged(into)


def _unread(tenant: str, numbers: Sequence[str], until: datetime) -> list[ColumnElement[bool]]:
    this = [comments.c.tenant == tenant, comments.c.number.in_(numbers), comments.c.unread]
    return [*this, comments.c.at <= until]


async def _pass_on(
    connection: AsyncConnection, tenant: str, comment: Comment, joined: Sequence[str]
) -> None:
    """Send word of what a customer wrote; or mark that as read, if staff answered publicly."""
    is_note = comment.visibility is Visibility.INTERNAL
    name = ChangeName.NOTE if is_note else ChangeName.COMMENT
    await add_change(connection, tenant, name, comment.number, person=comment.author.id)
    if comment.unread:
        await add_customer_message(connection, tenant, comment.number, comment.at)
    elif comment.visibility is Visibility.PUBLIC:
        this = _unread(tenant, [comment.number, *joined], comment.at)
        await connection.execute(update(comments).where(*this).values(unread=False))
