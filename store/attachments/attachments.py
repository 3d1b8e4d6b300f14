"""What is attached to cases, and what of it was erased."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.roles import Actor
from store.attachments.tables import attachment_erasures, attachments
from store.audit.append import add_event
from store.audit.records import By
from store.changes.changes import add_change
from store.changes.records import ChangeName
from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert

ERASED: Final = "attachment.erased"
NUMBERS_AT_ONCE: Final = 500
"""How many numbers one statement names."""


@dataclass(frozen=True)
class Erasure:
    """That an attachment was erased, by whom and why; `removed_at` is when its content was gone."""

    at: datetime
    by: Actor
    reason: str
    removed_at: datetime | None


@dataclass(frozen=True)
class StoredAttachment:
    """An attachment; `seq` is the entry that tells of it, `key` names its content."""

    tenant: str
    number: str
    seq: int
    at: datetime
    by: Actor
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    public: bool
    note: str
    erased: Erasure | None = None


class Attachments:
    """Reads what is attached, and erases; the caller has checked who may."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def of(self, tenant: str, number: str) -> list[StoredAttachment]:
        """Return what is attached to a case, erased ones too, the oldest first."""
        rows = attachments.c
        query = select(attachments).where(rows.tenant == tenant, rows.number == number)
        async with self._sessions.reading() as connection:
            erased = await _erasures(connection, tenant, number)
            found = await connection.execute(query.order_by(rows.seq))
            return [_attachment(row, erased.get(row.seq)) for row in found]

    async def get(self, tenant: str, number: str, seq: int) -> StoredAttachment | None:
        """Return one attachment of a case; None if there is none."""
        return next((each for each in await self.of(tenant, number) if each.seq == seq), None)

    async def newest(self, tenant: str, limit: int) -> list[StoredAttachment]:
        """Return attachments of all cases that are not erased, the newest first."""
        rows, erased = attachments.c, attachment_erasures.c
        is_erased = exists().where(
            erased.tenant == rows.tenant, erased.number == rows.number, erased.seq == rows.seq
        )
        query = select(attachments).where(rows.tenant == tenant, ~is_erased)
        query = query.order_by(rows.at.desc(), rows.number, rows.seq).limit(limit)
        async with self._sessions.reading() as connection:
            return [_attachment(row, None) for row in await connection.execute(query)]

    async def unremoved(self, tenant: str) -> list[tuple[str, int]]:
        """Return number and seq of what is erased and not known to be removed, in their order."""
        rows = attachment_erasures.c
        query = select(rows.number, rows.seq).where(
            rows.tenant == tenant, rows.removed_at.is_(None)
        )
        async with self._sessions.reading() as connection:
            found = await connection.execute(query.order_by(rows.number, rows.seq))
            return [(row.number, row.seq) for row in found]

    async def named(self, tenant: str, numbers: Collection[str]) -> dict[tuple[str, str], int]:
        """Return the seq of each attachment of these cases by number and key; erased ones, too."""
        rows, named = attachments.c, dict[tuple[str, str], int]()
        asked = sorted(numbers)
        async with self._sessions.reading() as connection:
            for first in range(0, len(asked), NUMBERS_AT_ONCE):
                part = rows.number.in_(asked[first : first + NUMBERS_AT_ONCE])
                query = select(rows.number, rows.key, rows.seq).where(rows.tenant == tenant, part)
                for row in await connection.execute(query):
                    named[row.number, row.key] = row.seq
        return named

    async def removed(self, tenant: str) -> set[tuple[str, int]]:
        """Return number and seq of what was erased and removed."""
        rows = attachment_erasures.c
        query = select(rows.number, rows.seq).where(
            rows.tenant == tenant, rows.removed_at.is_not(None)
        )
        async with self._sessions.reading() as connection:
            return {(row.number, row.seq) for row in await connection.execute(query)}

    async def erase(self, attachment: StoredAttachment, by: By) -> bool:
        """Write down that an attachment is erased, once; return whether it was not before.

        The audit log has it, too, in the same transaction.
        """
        tenant, number, seq = attachment.tenant, attachment.number, attachment.seq
        at, who = self._clock(), by.actor.model_dump(mode="json")
        key = {"tenant": tenant, "number": number, "seq": seq}
        async with self._sessions.writing() as connection:
            row = {**key, "at": at, "by": who, "reason": by.reason}
            adding = insert(connection, attachment_erasures).values(row).on_conflict_do_nothing()
            if not (await connection.execute(adding)).rowcount:
                return False
            details = {"seq": seq, "sha256": attachment.sha256}
            await add_event(connection, tenant, at, by, ERASED, number, details)
            await add_change(connection, tenant, ChangeName.NOTE, number)
            return True

    async def mark_removed(self, tenant: str, number: str, seq: int) -> None:
        """Write down that the content of an erased attachment is gone."""
        rows = attachment_erasures.c
        this = (rows.tenant == tenant, rows.number == number, rows.seq == seq)
        done = update(attachment_erasures).where(*this, rows.removed_at.is_(None))
        async with self._sessions.writing() as connection:
            await connection.execute(done.values(removed_at=self._clock()))


async def _erasures(connection: AsyncConnection, tenant: str, number: str) -> dict[int, Erasure]:
    """Return what of a case was erased, by seq."""
    rows = attachment_erasures.c
    query = select(attachment_erasures).where(rows.tenant == tenant, rows.number == number)
    return {
        row.seq: Erasure(row.at, Actor.model_validate(row.by), row.reason, row.removed_at)
        for row in await connection.execute(query)
    }


def _attachment(row: Row[Any], erased: Erasure | None) -> StoredAttachment:
    values = {**row._mapping, "by": Actor.model_validate(row.by)}  # noqa: SLF001 — its public name
    return StoredAttachment(**values, erased=erased)
