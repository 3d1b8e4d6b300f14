"""Append to the audit log, in the transaction of what is logged."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.canonical import canonical_json
from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from store.audit.records import AuditEvent, By, LeafKind
from store.audit.tables import audit_waiting
from store.db.sql import insert


async def put_entries(
    connection: AsyncConnection, tenant: str, number: str, new_entries: Iterable[Entry]
) -> None:
    """Append entries that were just written; they wait to be sealed."""
    hashes = {entry.seq: entry_hash(entry) for entry in new_entries}
    if rows := hash_rows(tenant, {number: hashes}):
        await connection.execute(insert(connection, audit_waiting).on_conflict_do_nothing(), rows)


def hash_rows(tenant: str, hashes: Mapping[str, Mapping[int, str]]) -> list[dict[str, Any]]:
    """Return the rows of entries that wait to be sealed, from their hashes by case and seq."""
    return [
        _row(tenant, LeafKind.ENTRY, number, seq, digest)
        for number, of_case in hashes.items()
        for seq, digest in of_case.items()
    ]


async def add_event(
    connection: AsyncConnection,
    tenant: str,
    at: datetime,
    by: By,
    what: str,
    subject: str,
    details: Mapping[str, Any],
    id: str | None = None,
) -> bool:
    """Append an event, as part of the transaction of what was done; return whether it is new.

    Its id is drawn, unless it is given.
    """
    event = AuditEvent(
        id=id or new_id(), at=at, actor=by.actor, what=what, subject=subject, reason=by.reason,
        details=dict(details),
    )  # fmt: skip
    return await put_event(connection, tenant, event)


async def put_event(connection: AsyncConnection, tenant: str, event: AuditEvent) -> bool:
    """Append an event; one with the id of an event that waits already is not written again.

    Return whether it was written.
    """
    body = event_text(event)
    row = _row(tenant, LeafKind.EVENT, event.id, 0, hash_of(body), body)
    adding = insert(connection, audit_waiting).values(row).on_conflict_do_nothing()
    return bool((await connection.execute(adding)).rowcount)


def new_id() -> str:
    """Return a random id for an event."""
    return secrets.token_hex(12)


def event_text(event: AuditEvent) -> str:
    """Return the event as it is stored and hashed."""
    return canonical_json(
        {
            "id": event.id,
            "at": event.at.isoformat(),
            "actor": event.actor.model_dump(mode="json"),
            "what": event.what,
            "subject": event.subject,
            "reason": event.reason,
            "details": event.details,
        }
    )


def hash_of(body: str) -> str:
    """Return the hash of an event's text."""
    return hashlib.sha256(body.encode()).hexdigest()


def _row(
    tenant: str, kind: LeafKind, id: str, seq: int, digest: str, body: str | None = None
) -> dict[str, Any]:
    return {
        "tenant": tenant, "kind": kind.value, "id": id, "seq": seq, "hash": digest, "body": body,
    }  # fmt: skip
