"""Putting something into the ledger, in the transaction that does it."""

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
    connection: AsyncConnection, tenant: str, number: str, news: Iterable[Entry]
) -> None:
    """Entries that were just written; they wait to be sealed."""
    await put_hashes(connection, tenant, {number: {each.seq: entry_hash(each) for each in news}})


async def put_hashes(
    connection: AsyncConnection, tenant: str, news: Mapping[str, Mapping[int, str]]
) -> None:
    """The same, hashed already: by case and seq."""
    if rows := hash_rows(tenant, news):
        await connection.execute(insert(connection, audit_waiting).on_conflict_do_nothing(), rows)


def hash_rows(tenant: str, news: Mapping[str, Mapping[int, str]]) -> list[dict[str, Any]]:
    """The rows of entries that wait to be sealed, by case and seq."""
    return [
        _row(tenant, LeafKind.ENTRY, number, seq, digest)
        for number, hashes in news.items()
        for seq, digest in hashes.items()
    ]


async def note(
    connection: AsyncConnection,
    tenant: str,
    at: datetime,
    by: By,
    what: str,
    subject: str,
    details: Mapping[str, Any],
) -> None:
    """An act, as part of the transaction that carries it out."""
    act = AuditEvent(
        id=new_id(), at=at, actor=by.actor, what=what, subject=subject, reason=by.reason,
        details=dict(details),
    )  # fmt: skip
    await put_act(connection, tenant, act)


async def put_act(connection: AsyncConnection, tenant: str, act: AuditEvent) -> None:
    """An act; one with an id that waits already is not written again."""
    body = act_text(act)
    row = _row(tenant, LeafKind.ACT, act.id, 0, hash_of(body), body)
    await connection.execute(insert(connection, audit_waiting).values(row).on_conflict_do_nothing())


def new_id() -> str:
    """An act's id; no two acts have the same."""
    return secrets.token_hex(12)


def act_text(act: AuditEvent) -> str:
    """The act as it is kept and hashed."""
    return canonical_json(
        {
            "id": act.id,
            "at": act.at.isoformat(),
            "actor": act.actor.model_dump(mode="json"),
            "what": act.what,
            "subject": act.subject,
            "reason": act.reason,
            "details": act.details,
        }
    )


def hash_of(body: str) -> str:
    """The hash of an act."""
    return hashlib.sha256(body.encode()).hexdigest()


def _row(
    tenant: str, kind: LeafKind, id: str, seq: int, digest: str, body: str | None = None
) -> dict[str, Any]:
    return {
        "tenant": tenant, "kind": kind.value, "id": id, "seq": seq, "hash": digest, "body": body,
    }  # fmt: skip
