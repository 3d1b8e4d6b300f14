"""Messages and comments."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from pydantic import JsonValue

from domain.people import Actor


class Delivery(StrEnum):
    """How far a row of the outbox is."""

    PENDING = auto()
    DELIVERED = auto()
    DEAD = auto()


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """One message to somebody, and what became of it; `to` is "customer" or a role."""

    tenant: str
    number: str
    seq: int
    n: int
    template: str
    to: str
    at: datetime
    params: dict[str, JsonValue]
    status: Delivery
    attempts: int
    next_at: datetime | None
    lease_until: datetime | None
    delivered_at: datetime | None
    message: str | None
    channel: str | None
    reason: str | None


@dataclass(frozen=True)
class Delivered:
    """The message was delivered: its id, and by which sort of contact point."""

    message: str
    channel: str


@dataclass(frozen=True)
class NotDelivered:
    """The message could not be delivered, and trying again will not help."""

    reason: str


class Visibility(StrEnum):
    """Who may read a comment."""

    INTERNAL = auto()
    PUBLIC = auto()


@dataclass(frozen=True)
class Comment:
    """Something said about a case that does not move it."""

    id: str
    number: str
    at: datetime
    author: Actor
    visibility: Visibility
    body: str
