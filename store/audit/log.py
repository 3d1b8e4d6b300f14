"""Acts of administration: written into the ledger across cases, and read from it."""

import json
from collections.abc import Mapping
from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import func, null, select

from domain.language.roles import Actor
from store.audit.append import hash_of, new_id, put_act
from store.audit.records import AuditEvent, By, LeafKind
from store.audit.tables import audit, audit_waiting
from store.db.clock import Clock
from store.db.session import Sessions
from store.errors import AuditLogDamaged

ACT = LeafKind.ACT.value
SHAPE = '{"actor":%,"what":"%"}'
"""How an act's canonical JSON begins and ends."""


class AuditLog:
    """Writes and reads acts. `Recorder` puts the entries beside them, and `Seals` seals both."""

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
            what: the act, `<noun>.<verb in the past>`, e.g. `key.revoked`.
            subject: a reference to what it was done to; never a name or a contact point.
            reason: why, in the actor's words.
            details: more of it; nothing personal.
        """
        given = dict(details or {})
        done = AuditEvent(
            id=new_id(), at=self._clock(), actor=actor, what=what, subject=subject,
            reason=reason, details=given,
        )  # fmt: skip
        async with self._sessions.writing() as connection:
            await put_act(connection, tenant, done)
        return done

    async def add_customer_viewed(
        self, tenant: str, actor: Actor, customer: str, day: date
    ) -> None:
        """Somebody looked at a customer's record: one act for each of them, customer and day."""
        done = AuditEvent(
            id=f"viewed:{day}:{actor.id}:{customer}", at=self._clock(), actor=actor,
            what="customer.viewed", subject=customer,
        )  # fmt: skip
        async with self._sessions.writing() as connection:
            await put_act(connection, tenant, done)

    async def add_if_changed(self, tenant: str, by: By, what: str, subject: str) -> None:
        """Something holds from now on in place of another; no act, if it held already.

        Several may say so at once; it is one act.
        """
        newest = next(iter(await self.events(tenant, 1, what)), None)
        if newest and newest.subject == subject:
            return
        before = newest.subject if newest else None
        done = AuditEvent(
            id=hash_of(f"{what} {subject} {newest.id if newest else ''}"), at=self._clock(),
            actor=by.actor, what=what, subject=subject, reason=by.reason,
            details={"before": before},
        )  # fmt: skip
        async with self._sessions.writing() as connection:
            await put_act(connection, tenant, done)

    async def events(self, tenant: str, limit: int, what: str = "") -> list[AuditEvent]:
        """The newest acts, the newest first; those that begin with `what`, if it is said.

        Raises:
            LedgerDamaged: one of them cannot be read.
        """
        found = await self._found(tenant, limit, what)
        return _newest([_act(body, position) for _, body, position in found], limit)

    async def readable_events(
        self, tenant: str, limit: int, what: str = ""
    ) -> tuple[list[AuditEvent], list[str]]:
        """The same but for those that cannot be read; and these by their ids, of any kind."""
        acts, spoilt = [], set(await self._spoilt(tenant))
        for id_, body, position in await self._found(tenant, limit, what):
            try:
                acts.append(_act(body, position))
            except AuditLogDamaged:
                spoilt.add(id_)
        return _newest(acts, limit), sorted(spoilt)

    async def _spoilt(self, tenant: str) -> list[str]:
        """Those whose body does not even begin and end as an act's: no search finds them."""
        found: list[str] = []
        async with self._sessions.reading() as connection:
            for rows in (audit_waiting, audit):
                act = (rows.c.tenant == tenant, rows.c.kind == ACT)
                other = func.coalesce(rows.c.body, "").not_like(SHAPE)
                found += await connection.scalars(select(rows.c.id).where(*act, other))
        return found

    async def _found(self, tenant: str, limit: int, what: str) -> list[tuple[str, str, int | None]]:
        waiting = select(audit_waiting.c.id, audit_waiting.c.body, null()).where(
            audit_waiting.c.tenant == tenant, audit_waiting.c.kind == ACT
        )
        sealed = select(audit.c.id, audit.c.body, audit.c.position).where(
            audit.c.tenant == tenant, audit.c.kind == ACT
        )
        # As it stands in the body, which no text within an act can imitate: there it is escaped.
        named = f'"what":{json.dumps(what, ensure_ascii=False)[:-1]}'
        waiting = waiting.where(audit_waiting.c.body.contains(named, autoescape=True))
        sealed = sealed.where(audit.c.body.contains(named, autoescape=True))
        async with self._sessions.reading() as connection:
            found = (await connection.execute(waiting)).all()
            newest = sealed.order_by(audit.c.position.desc()).limit(limit)
            found = [*found, *await connection.execute(newest)]
        return [(id_, body, position) for id_, body, position in found]


def _newest(acts: list[AuditEvent], limit: int) -> list[AuditEvent]:
    return sorted(acts, key=lambda act: act.at, reverse=True)[:limit]


def _act(body: str, position: int | None) -> AuditEvent:
    try:
        told = json.loads(body)
        actor, at = Actor.model_validate(told.pop("actor")), datetime.fromisoformat(told.pop("at"))
        return AuditEvent(**told, actor=actor, at=at, position=position)
    except (ValueError, TypeError, KeyError):
        where = f"at position {position}" if position else "that waits to be sealed"
        raise AuditLogDamaged(f"The act {where} cannot be read; verify the ledger.") from None
