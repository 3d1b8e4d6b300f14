"""Messages to others, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from pydantic import JsonValue

CUSTOMER = "customer"
LOCAL_MAILBOX = "local_mailbox"
"""The channel of what is delivered into the store, where a person reads it and tells the customer;
nobody was told by that alone."""

HOLDER = "assignee"
"""Whom a message is for that concerns whoever holds the case."""
TEAM = "team"
"""Whom such a message is for where nobody holds the case: those of its team who may take it."""
CUSTOMER_MESSAGE = "customer_message"
"""The template of the message that a customer wrote; it belongs to a comment, not to an entry."""
FIRST_OF_COMMENTS = 1000
"""From this `n` on, rows of the outbox belong to comments; no entry has so many effects."""


class Delivery(StrEnum):
    """The status of an outbox row."""

    PENDING = auto()
    DELIVERED = auto()
    DEAD = auto()


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """One message and what became of it; `to` is "customer" or a role."""

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
    """The message was delivered: its id, and the kind of contact point."""

    message: str
    channel: str


@dataclass(frozen=True)
class NotDelivered:
    """The message could not be delivered, and trying again will not help."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class OutboxMessage:
    """A message to be sent now; `attempts` counts this attempt too.

    `happened`, `step` and `led_to` are the type, step and state of the entry that caused the
    message, None while that entry is not recorded.
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
        """The message's id, the same however often it is sent."""
        return f"{self.number}-{self.seq}-{self.n}"
