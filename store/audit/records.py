"""The audit log: events of administration, and rows as they are sealed and verified."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import JsonValue

from domain.language.roles import Actor, ActorKind


class LeafKind(StrEnum):
    """What a row of the audit log stands for, by the name that is stored and hashed."""

    ENTRY = "entry"
    EVENT = "act"


@dataclass(frozen=True)
class By:
    """Who does something to the system, and why."""

    actor: Actor
    reason: str = ""


BY_SYSTEM = By(Actor(kind=ActorKind.SYSTEM, id="banjie"))
"""Nobody is named: the system itself, or a program beside it."""

AUDIT_EVENTS: Final = (
    "api.configured",
    "archive.listed",
    "attachment.erased",
    "batch.applied",
    "batch.cancelled",
    "batch.made",
    "case.retried",
    "customer.corrected",
    "customer.merged",
    "customer.unmerged",
    "customer.viewed",
    "dispatcher.configured",
    "histories.exported",
    "key.added",
    "key.revoked",
    "message.requeued",
    "message.shelved",
    "message.unshelved",
    "password.changed",
    "policy.published",
    "policy.released",
    "policy.set",
    "schedule.paused",
    "schedule.resumed",
    "schedule.triggered",
    "staff.added",
    "staff.changed",
    "staff.invited",
    "store.reconciled",
    "system.restored",
    "team.added",
    "worker.configured",
)
"""Every kind of event in the audit log; entries of cases stand beside them."""


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """Something done to the system rather than to one case: a key revoked, a customer viewed.

    `what` is one of `AUDIT_EVENTS`. `subject` is a reference, never a name; `details` hold nothing
    personal. `position` is the event's place in the audit log, None while it waits to be sealed.
    """

    id: str
    at: datetime
    actor: Actor
    what: str
    subject: str
    reason: str = ""
    details: dict[str, JsonValue] = field(default_factory=dict)
    position: int | None = None


@dataclass(frozen=True)
class EventFilter:
    """Which events: those whose kind begins with `what`, by this one, about this subject."""

    what: str = ""
    actor: str = ""
    subject: str = ""


class Leaf(NamedTuple):
    """A row of the audit log, a leaf of its tree; `body` is an event's text, None for an entry."""

    kind: str
    id: str
    seq: int
    hash: str
    body: str | None


@dataclass(frozen=True)
class CheckpointRow:
    """A checkpoint as the store has it: how many rows it covers, and the roots to continue from."""

    n: int
    count: int
    peaks: str
    document: str
