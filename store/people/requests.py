"""Requests of administration under a key: the event in the audit log tells whether one was done."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from store.audit.records import By, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.request_keys import RequestKey, derived_id
from store.errors import KeyReused


def event_id(tenant: str, key: RequestKey | None) -> str | None:
    """Return the id of the event of the request with this key."""
    return None if key is None else derived_id(tenant, key, 12)


async def was_done(
    connection: AsyncConnection,
    tenant: str,
    key: RequestKey | None,
    by: By,
    what: str,
    subject: str,
    details: Mapping[str, Any],
) -> bool:
    """Return whether the request with this key did this before.

    Raises:
        KeyReused: it did something else.
    """
    if (id := event_id(tenant, key)) is None:
        return False
    bodies = (
        select(rows.c.body).where(
            rows.c.tenant == tenant, rows.c.kind == LeafKind.EVENT.value, rows.c.id == id
        )
        for rows in (audit, audit_waiting)
    )
    body = (await connection.scalars(union_all(*bodies))).first()
    if body is None:
        return False
    event = json.loads(body)
    done = tuple(event[name] for name in ("what", "subject", "reason", "details"))
    if done != (what, subject, by.reason, {**details}):
        raise KeyReused("The request's key was used before, with another body.")
    return True
