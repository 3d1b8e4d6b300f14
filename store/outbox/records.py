"""Messages to others, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from pydantic import JsonValue


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


@dataclass(frozen=True, kw_only=True)
class OutboxMessage:
    """A row of the outbox that one dispatcher holds for a while; `attempts` counts this one too.

    `happened`, `step` and `led_to` are of the entry that brought it about, while it is there.
    """

    tenant: str
    number: str
    seq: int
    n: int
    template: str
    to: str
    at: datetime
    attempts: int
    happened: str | None
    step: str | None
    led_to: str | None

    @property
    def id(self) -> str:
        """The same however often it is sent."""
        return f"{self.number}-{self.seq}-{self.n}"
