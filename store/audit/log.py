"""Events of administration: written into the audit log and read from it."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Select, Table, func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language.roles import Actor
from store.audit.append import hash_of, new_id, put_event
from store.audit.records import AuditEvent, By, EventFilter, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.clock import Clock
from store.db.pages import Cursor, Page
from store.db.session import Sessions
from store.errors import AuditLogDamaged

EVENT = LeafKind.EVENT.value
SHAPE = '{"actor":%,"what":"%"}'
"""How an event's canonical JSON begins and ends, as a LIKE pattern."""
WAITING, SEALED = "waiting", "sealed"
"""In which part of the list a page ends."""

EventRow = tuple[str, str, int | None]
"""An event's id, its body, and its position, None while it waits."""


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
        events, corrupt = _readable(await self._rows(tenant, limit, what))
        return _newest(events, limit), sorted({*corrupt, *await self._shapeless_ids(tenant)})

    async def page(
        self, tenant: str, which: EventFilter, after: Cursor | None, limit: int
    ) -> Page[AuditEvent]:
        """Return events, those that wait to be sealed before all others, and the newest first.

        Those of one checkpoint stand by time within a page, as their positions do not say it.
        `corrupt` in the page has the ids of those in this part that cannot be read.
        """
        rows: list[EventRow] = []
        async with self._sessions.reading() as connection:
            if after is None or after[0] == WAITING:
                query = _select(audit_waiting, tenant, which).add_columns(null())
                rows = _rows_after(await _fetch(connection, query), after)[: limit + 1]
            if len(rows) <= limit:
                query = _select(audit, tenant, which).add_columns(audit.c.position)
                if after is not None and after[0] == SEALED:
                    query = query.where(audit.c.position < int(after[1]))
                query = query.order_by(audit.c.position.desc()).limit(limit + 1 - len(rows))
                rows += await _fetch(connection, query)
        events, corrupt = _readable(rows[:limit])
        following = _cursor(rows[limit - 1]) if len(rows) > limit else None
        return Page(tuple(_newest(events, limit)), following, tuple(corrupt))

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

    async def _rows(self, tenant: str, limit: int, what: str) -> list[EventRow]:
        which = EventFilter(what)
        waiting = _select(audit_waiting, tenant, which).add_columns(null())
        sealed = _select(audit, tenant, which).add_columns(audit.c.position)
        newest = sealed.order_by(audit.c.position.desc()).limit(limit)
        async with self._sessions.reading() as connection:
            return [*await _fetch(connection, waiting), *await _fetch(connection, newest)]


def _select(rows: Table, tenant: str, which: EventFilter) -> Select[Any]:
    """Return the select of events, by their canonical JSON.

    No text within an event can imitate what is looked for, as its quotes are escaped.
    """
    body = rows.c.body
    query = select(rows.c.id, body).where(rows.c.tenant == tenant, rows.c.kind == EVENT)
    query = query.where(body.contains(f'"what":{_quoted(which.what)[:-1]}', autoescape=True))
    if which.actor:
        begin = f'{{"actor":{{"id":{_quoted(which.actor)},'
        query = query.where(body.startswith(begin, autoescape=True))
    if which.subject:
        query = query.where(body.contains(f'"subject":{_quoted(which.subject)},', autoescape=True))
    return query


async def _fetch(connection: AsyncConnection, query: Select[Any]) -> list[EventRow]:
    return [(row[0], row[1], row[2]) for row in await connection.execute(query)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _rows_after(rows: list[EventRow], after: Cursor | None) -> list[EventRow]:
    """Return those of the waiting rows that follow a place, the newest first."""
    rows = sorted(rows, key=_cursor, reverse=True)
    return rows if after is None else [row for row in rows if _cursor(row) < after]


def _cursor(row: EventRow) -> Cursor:
    id_, _, position = row
    if position is not None:
        return SEALED, str(position)
    events, _ = _readable([row])
    return WAITING, events[0].at.isoformat() if events else "", id_


def _readable(rows: Iterable[EventRow]) -> tuple[list[AuditEvent], list[str]]:
    """Return the events, and the ids of those that cannot be read."""
    events, corrupt = [], []
    for id_, body, position in rows:
        try:
            events.append(_parse(body, position))
        except AuditLogDamaged:
            corrupt.append(id_)
    return events, corrupt


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
