"""Events of administration: written into the audit log and read from it."""

import json
from collections.abc import Mapping
from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import func, null, select

from domain.language.roles import Actor
from store.audit.append import hash_of, new_id, put_event
from store.audit.records import AuditEvent, By, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import AuditLogDamaged

EVENT = LeafKind.EVENT.value
SHAPE = '{"actor":%,"what":"%"}'
"""How an event's canonical JSON begins and ends, as a LIKE pattern."""


class AuditLog:
    """Writes and reads events. `Recorder` adds the entries; `AuditSealer` seals both."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def add(
        self,
        tenant: str,
        actor: Actor,
        what: str,
        subject: str,
        reason: str = "",
        details: Mapping[str, JsonValue] | None = None,
    ) -> AuditEvent:
        """Write down what somebody did to the system.

        Args:
            tenant: whose system.
            actor: who did it.
            what: the kind of event, `<noun>.<verb in the past>`, e.g. `key.revoked`.
            subject: a reference to what it was done to; never a name or a contact point.
            reason: why, in the actor's words.
            details: more about it; nothing personal.
        """
        event = AuditEvent(
            id=new_id(), at=self._clock(), actor=actor, what=what, subject=subject,
            reason=reason, details=dict(details or {}),
        )  # fmt: skip
        await self._put(tenant, event)
        return event

    async def add_customer_viewed(
        self, tenant: str, actor: Actor, customer: str, day: date
    ) -> None:
        """Write down that somebody viewed a customer's record, once per actor, customer and day."""
        event = AuditEvent(
            id=f"viewed:{day}:{actor.id}:{customer}", at=self._clock(), actor=actor,
            what="customer.viewed", subject=customer,
        )  # fmt: skip
        await self._put(tenant, event)

    async def add_if_changed(self, tenant: str, by: By, what: str, subject: str) -> None:
        """Write down that `subject` replaces the one of the last such event, unless it is the same.

        Several processes may do so at once; it is one event.
        """
        newest = next(iter(await self.events(tenant, 1, what)), None)
        if newest and newest.subject == subject:
            return
        before = newest.subject if newest else None
        event = AuditEvent(
            id=hash_of(f"{what} {subject} {newest.id if newest else ''}"), at=self._clock(),
            actor=by.actor, what=what, subject=subject, reason=by.reason,
            details={"before": before},
        )  # fmt: skip
        await self._put(tenant, event)

    async def events(self, tenant: str, limit: int, what: str = "") -> list[AuditEvent]:
        """Return the newest events, newest first, whose kind begins with `what`.

        Raises:
            AuditLogDamaged: one of them cannot be read.
        """
        rows = await self._rows(tenant, limit, what)
        return _newest([_parse(body, position) for _, body, position in rows], limit)

    async def readable_events(
        self, tenant: str, limit: int, what: str = ""
    ) -> tuple[list[AuditEvent], list[str]]:
        """Return the newest readable events, and the ids of those of any kind that are corrupt."""
        events, corrupt = [], set(await self._shapeless_ids(tenant))
        for id_, body, position in await self._rows(tenant, limit, what):
            try:
                events.append(_parse(body, position))
            except AuditLogDamaged:
                corrupt.add(id_)
        return _newest(events, limit), sorted(corrupt)

    async def _put(self, tenant: str, event: AuditEvent) -> None:
        async with self._sessions.writing() as connection:
            await put_event(connection, tenant, event)

    async def _shapeless_ids(self, tenant: str) -> list[str]:
        """Return events whose body does not begin and end as an event's: no search finds them."""
        ids: list[str] = []
        async with self._sessions.reading() as connection:
            for rows in (audit_waiting, audit):
                events = (rows.c.tenant == tenant, rows.c.kind == EVENT)
                shapeless = func.coalesce(rows.c.body, "").not_like(SHAPE)
                ids += await connection.scalars(select(rows.c.id).where(*events, shapeless))
        return ids

    async def _rows(self, tenant: str, limit: int, what: str) -> list[tuple[str, str, int | None]]:
        waiting = select(audit_waiting.c.id, audit_waiting.c.body, null()).where(
            audit_waiting.c.tenant == tenant, audit_waiting.c.kind == EVENT
        )
        sealed = select(audit.c.id, audit.c.body, audit.c.position).where(
            audit.c.tenant == tenant, audit.c.kind == EVENT
        )
        # As it stands in the body; no text within an event can imitate it, as quotes are escaped.
        fragment = f'"what":{json.dumps(what, ensure_ascii=False)[:-1]}'
        waiting = waiting.where(audit_waiting.c.body.contains(fragment, autoescape=True))
        sealed = sealed.where(audit.c.body.contains(fragment, autoescape=True))
        async with self._sessions.reading() as connection:
            rows = (await connection.execute(waiting)).all()
            newest = sealed.order_by(audit.c.position.desc()).limit(limit)
            rows = [*rows, *await connection.execute(newest)]
        return [(id_, body, position) for id_, body, position in rows]


def _newest(events: list[AuditEvent], limit: int) -> list[AuditEvent]:
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def _parse(body: str, position: int | None) -> AuditEvent:
    try:
        fields = json.loads(body)
        actor = Actor.model_validate(fields.pop("actor"))
        at = datetime.fromisoformat(fields.pop("at"))
        return AuditEvent(**fields, actor=actor, at=at, position=position)
    except (ValueError, TypeError, KeyError):
        where = f"at position {position}" if position else "that waits to be sealed"
        raise AuditLogDamaged(
            f"The audit event {where} cannot be read; verify the audit log."
        ) from None
