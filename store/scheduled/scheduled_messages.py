"""Messages that wait to be sent: exactly one of calling back and sending takes each.

Both change the status by compare-and-set. Whoever takes a message to send it has it for a lease;
after that somebody else takes it, and the case takes the same message once.
"""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert
from store.drafts.drafts import restore_draft
from store.drafts.records import Draft
from store.scheduled.records import MessageStatus, ScheduledMessage
from store.scheduled.tables import scheduled_messages as messages

LONGEST_LEASE: Final = timedelta(minutes=5)
"""Nobody takes a longer lease; one that ends later was taken by a wrong clock."""
UNFINISHED: Final = (MessageStatus.WAITING, MessageStatus.SENDING)
DRAFT_OF_MESSAGE: Final = "message"
"""What the draft of a message is called, behind the number of its case."""


class ScheduledMessages:
    """Keeps the messages; every change is told to the pages of the author and of the case."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(self, message: ScheduledMessage) -> tuple[ScheduledMessage, bool]:
        """Add a message; return the stored one, and whether it is new."""
        row = asdict(message) | {"status": message.status.value}
        async with self._sessions.writing() as connection:
            adding = insert(connection, messages).values(row).on_conflict_do_nothing()
            is_new = bool((await connection.execute(adding)).rowcount)
            stored = await _get(connection, message.tenant, message.id)
            if is_new:
                await _tell(connection, message)
        return stored or message, is_new

    async def get(self, tenant: str, id: str) -> ScheduledMessage | None:
        """Return a message."""
        async with self._sessions.reading() as connection:
            return await _get(connection, tenant, id)

    async def of_case(self, tenant: str, number: str) -> list[ScheduledMessage]:
        """Return the messages about a case that are not sent yet, those due first at first."""
        of_case = (messages.c.number == number, _has(UNFINISHED))
        return await self._list(and_(messages.c.tenant == tenant, *of_case))

    async def of_author(self, tenant: str, author: str) -> list[ScheduledMessage]:
        """Return somebody's messages that are not sent, or whose text they have not got back."""
        ended = and_(_has((MessageStatus.FAILED, MessageStatus.CANCELLED)), messages.c.text != "")
        of_author = (messages.c.author == author, or_(_has(UNFINISHED), ended))
        return await self._list(and_(messages.c.tenant == tenant, *of_author))

    async def cancel(self, tenant: str, id: str, by: str) -> bool:
        """Call a message back, unless somebody has taken it to send it; return whether it is.

        Its text is its author's draft again, or stays here if they have begun another one.
        """
        now = self._clock()
        values = {"status": MessageStatus.CANCELLED.value, "ended_at": now, "ended_by": by}
        async with self._sessions.writing() as connection:
            waits = and_(_is(tenant, id), _has((MessageStatus.WAITING,)))
            cancelling = update(messages).where(waits).values(values)
            if not (await connection.execute(cancelling)).rowcount:
                return False
            message = await _get(connection, tenant, id)
            if message is not None and await _restore(connection, message, now):
                emptying = update(messages).where(_is(tenant, id)).values(text="")
                await connection.execute(emptying)
            if message is not None:
                await _tell(connection, message)
        return True

    async def tenants(self) -> list[str]:
        """Return the tenants with messages due; it only reads, so asking often costs little."""
        query = select(messages.c.tenant).distinct().where(_is_due(self._clock()))
        async with self._sessions.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def lease(self, tenant: str, limit: int, until: datetime) -> list[ScheduledMessage]:
        """Take some of the due messages to send them; nobody else gets them before `until`."""
        query = select(messages).where(messages.c.tenant == tenant, _is_due(self._clock()))
        # SQLite has one writer at a time and needs no such lock.
        query = query.order_by(messages.c.due_at, messages.c.id).limit(limit)
        async with self._sessions.writing() as connection:
            rows = await connection.execute(query.with_for_update(skip_locked=True))
            taken = [_taken(_message(row), until) for row in rows.mappings()]
            for each in taken:
                values = {name: getattr(each, name) for name in ("lease_until", "attempts")}
                taking = update(messages).where(_is(tenant, each.id))
                await connection.execute(taking.values(values | {"status": each.status.value}))
        return taken

    async def mark_sent(self, message: ScheduledMessage) -> None:
        """Mark a message as sent, whoever has the lease by now; the history has its text."""
        values = {"status": MessageStatus.SENT.value, "ended_at": self._clock(), "text": ""}
        was_not = messages.c.status != MessageStatus.SENT.value
        await self._end(message, was_not, {**values, "code": None, "params": None})

    async def mark_failed(
        self, message: ScheduledMessage, code: str, kind: str, params: dict[str, Any]
    ) -> None:
        """Mark a message as refused, and why; only the leaseholder can. Its text is kept."""
        values = {"status": MessageStatus.FAILED.value, "ended_at": self._clock()}
        reason = {"code": code, "kind": kind, "params": params}
        await self._end(message, _has_lease(message), {**values, **reason})

    async def postpone(self, message: ScheduledMessage, until: datetime) -> None:
        """Let nobody try again before; only the leaseholder can."""
        waiting = update(messages).where(_is(message.tenant, message.id), _has_lease(message))
        async with self._sessions.writing() as connection:
            await connection.execute(waiting.values(lease_until=until))

    async def drop(self, tenant: str, id: str) -> bool:
        """Delete a message that is over, or that its author is told of otherwise."""
        ended = (MessageStatus.FAILED, MessageStatus.CANCELLED)
        async with self._sessions.writing() as connection:
            message = await _get(connection, tenant, id)
            dropping = delete(messages).where(_is(tenant, id), _has(ended))
            is_dropped = bool((await connection.execute(dropping)).rowcount)
            if is_dropped and message is not None:
                await _tell(connection, message)
        return is_dropped

    async def prune(self, before: datetime) -> int:
        """Delete all messages that ended before, whosever they are; return how many."""
        async with self._sessions.writing() as connection:
            old = delete(messages).where(messages.c.ended_at < before)
            return (await connection.execute(old)).rowcount

    async def _list(self, which: ColumnElement[bool]) -> list[ScheduledMessage]:
        query = select(messages).where(which).order_by(messages.c.due_at, messages.c.id)
        async with self._sessions.reading() as connection:
            return [_message(row) for row in (await connection.execute(query)).mappings()]

    async def _end(
        self, message: ScheduledMessage, which: ColumnElement[bool], values: dict[str, Any]
    ) -> None:
        ending = update(messages).where(_is(message.tenant, message.id), which)
        async with self._sessions.writing() as connection:
            if (await connection.execute(ending.values(values | {"lease_until": None}))).rowcount:
                await _tell(connection, message)


async def _get(connection: AsyncConnection, tenant: str, id: str) -> ScheduledMessage | None:
    query = select(messages).where(_is(tenant, id))
    row = (await connection.execute(query)).mappings().first()
    return _message(row) if row else None


async def _restore(connection: AsyncConnection, message: ScheduledMessage, now: datetime) -> bool:
    draft = Draft(
        subject=f"{message.number}/{DRAFT_OF_MESSAGE}",
        number=message.number,
        content=(("/text", message.text),),
        version=None,
        counter=0,
        saved_at=now,
    )
    return await restore_draft(connection, message.tenant, message.author, draft)


async def _tell(connection: AsyncConnection, message: ScheduledMessage) -> None:
    author, number = message.author, message.number
    await add_change(connection, message.tenant, ChangeName.MESSAGE, number, person=author)


def _is(tenant: str, id: str) -> ColumnElement[bool]:
    return and_(messages.c.tenant == tenant, messages.c.id == id)


def _has(statuses: Collection[MessageStatus]) -> ColumnElement[bool]:
    return messages.c.status.in_([status.value for status in statuses])


def _has_lease(message: ScheduledMessage) -> ColumnElement[bool]:
    return and_(_has((MessageStatus.SENDING,)), messages.c.attempts == message.attempts)


def _is_due(now: datetime) -> ColumnElement[bool]:
    lease = messages.c.lease_until
    lease_is_over = or_(lease.is_(None), lease <= now, lease > now + LONGEST_LEASE)
    waits = and_(_has((MessageStatus.WAITING,)), messages.c.due_at <= now)
    return or_(waits, and_(_has((MessageStatus.SENDING,)), lease_is_over))


def _taken(message: ScheduledMessage, until: datetime) -> ScheduledMessage:
    """Return a message as whoever takes it leaves it."""
    attempts, status = message.attempts + 1, MessageStatus.SENDING
    return replace(message, status=status, attempts=attempts, lease_until=until)


def _message(row: Any) -> ScheduledMessage:
    return ScheduledMessage(**{**row, "status": MessageStatus(row["status"])})
