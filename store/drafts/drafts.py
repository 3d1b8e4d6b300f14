"""One draft per person and subject, saved by compare-and-set on the browser's counter."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert, upsert_if_newer
from store.drafts.records import Draft, DraftEnd, Pairs
from store.drafts.tables import drafts

SAVED = ("number", "content", "version", "counter", "saved_at", "ended")


class Drafts:
    """Keeps drafts for their authors; nobody else reads them."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def save(
        self,
        tenant: str,
        person: str,
        subject: str,
        content: Pairs,
        counter: int,
        *,
        number: str | None = None,
        version: int | None = None,
        known: Collection[int] | None = None,
    ) -> tuple[Draft, bool]:
        """Save a draft, unless one with this counter or a higher one is there.

        With `known`, one that has not ended is replaced only if its counter is among these.
        Return the draft that is there then, and whether it is this one.
        """
        draft = Draft(
            subject=subject,
            number=number,
            content=content,
            version=version,
            counter=counter,
            saved_at=self._clock(),
        )
        async with self._sessions.writing() as connection:
            before = await _get(connection, tenant, person, subject)
            values = _row(tenant, person, draft)
            if not await _write(connection, values, drafts.c.counter < counter, known):
                return await _get(connection, tenant, person, subject) or draft, False
            if before is None or before.content is None:
                await _tell(connection, tenant, person, subject)
        return draft, True

    async def end(
        self,
        tenant: str,
        person: str,
        subject: str,
        counter: int,
        how: DraftEnd,
        *,
        known: Collection[int] | None = None,
    ) -> bool:
        """End a draft, unless one with a higher counter is there; return whether it is ended.

        With `known`, one that has not ended is ended only if its counter is among these.

        What was saved before and comes later stays without effect. The draft need not exist: its
        first save may be on its way.
        """
        ended = Draft(
            subject=subject,
            number=None,
            content=None,
            version=None,
            counter=counter,
            saved_at=self._clock(),
            ended=how,
        )
        async with self._sessions.writing() as connection:
            values = _row(tenant, person, ended)
            is_ended = await _write(connection, values, drafts.c.counter <= counter, known)
            if is_ended:
                await _tell(connection, tenant, person, subject)
        return is_ended

    async def get(self, tenant: str, person: str, subject: str) -> Draft | None:
        """Return a draft, also one that ended: its counter is where the browser goes on."""
        async with self._sessions.reading() as connection:
            return await _get(connection, tenant, person, subject)

    async def of(self, tenant: str, person: str) -> list[Draft]:
        """Return a person's drafts that have not ended, the newest first."""
        query = select(drafts).where(
            drafts.c.tenant == tenant, drafts.c.person == person, drafts.c.ended.is_(None)
        )
        async with self._sessions.reading() as connection:
            rows = await connection.execute(query.order_by(drafts.c.saved_at.desc()))
            return [_draft(row) for row in rows.mappings()]

    async def prune(self, before: datetime) -> int:
        """Delete all drafts that were not saved since, whosever they are; return how many."""
        async with self._sessions.writing() as connection:
            old = delete(drafts).where(drafts.c.saved_at < before)
            return (await connection.execute(old)).rowcount


async def restore_draft(
    connection: AsyncConnection, tenant: str, person: str, draft: Draft
) -> bool:
    """Put back what was sent and is not sent after all; return whether it is the draft again.

    It is not where its author has begun another one since.
    """
    current = await _get(connection, tenant, person, draft.subject)
    if current is not None and current.content is not None:
        return False
    restored = replace(draft, counter=current.counter + 1 if current else 1)
    restoring = upsert_if_newer(connection, drafts, SAVED, by="counter")
    if await connection.scalar(restoring, _row(tenant, person, restored)) is None:
        return False
    await _tell(connection, tenant, person, draft.subject)
    return True


async def _write(
    connection: AsyncConnection,
    values: dict[str, Any],
    is_older: ColumnElement[bool],
    known: Collection[int] | None,
) -> bool:
    """Write a draft over what is older and known or ended; return whether it is written."""
    row = insert(connection, drafts).values(values)
    is_known = or_(drafts.c.ended.is_not(None), drafts.c.counter.in_([*(known or ())]))
    written = row.on_conflict_do_update(
        index_elements=drafts.primary_key,
        set_={name: row.excluded[name] for name in SAVED},
        where=is_older if known is None else and_(is_older, is_known),
    )
    return await connection.scalar(written.returning(drafts.c.counter)) is not None


async def _get(connection: AsyncConnection, tenant: str, person: str, subject: str) -> Draft | None:
    query = select(drafts).where(_is(tenant, person, subject))
    row = (await connection.execute(query)).mappings().first()
    return _draft(row) if row else None


def _is(tenant: str, person: str, subject: str) -> ColumnElement[bool]:
    of_person = and_(drafts.c.tenant == tenant, drafts.c.person == person)
    return and_(of_person, drafts.c.subject == subject)


def _row(tenant: str, person: str, draft: Draft) -> dict[str, Any]:
    fields = {name: getattr(draft, name) for name in SAVED}
    fields["ended"] = draft.ended.value if draft.ended else None
    return {"tenant": tenant, "person": person, "subject": draft.subject, **fields}


def _draft(row: Any) -> Draft:
    fields = {name: row[name] for name in SAVED}
    if row["content"] is not None:
        fields["content"] = tuple((name, value) for name, value in row["content"])
    fields["ended"] = DraftEnd(row["ended"]) if row["ended"] else None
    return Draft(subject=row["subject"], **fields)


async def _tell(connection: AsyncConnection, tenant: str, person: str, subject: str) -> None:
    """Tell the author's other pages that there is a draft more, or one less."""
    await add_change(connection, tenant, ChangeName.DRAFT, subject, person=person)
