"""Messages to others, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import NamedTuple

from pydantic import JsonValue

from store.db.pages import Cursor

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
    """The status of an outbox row; one that is set aside was dead, and is not sent again."""

    PENDING = auto()
    DELIVERED = auto()
    DEAD = auto()
    SET_ASIDE = auto()


class MessageKey(NamedTuple):
    """Which message of a tenant: about which case, of which entry, which of its effects."""

    number: str
    seq: int
    n: int


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
    set_aside_at: datetime | None = None
    set_aside_by: str | None = None
    set_aside_reason: str | None = None

    @property
    def key(self) -> "MessageKey":
        """Which message it is."""
        return MessageKey(self.number, self.seq, self.n)

    @property
    def place(self) -> Cursor:
        """Its place in the list of all rows, the oldest first."""
        return self.at.isoformat(), self.number, str(self.seq), str(self.n)

    @property
    def of_call(self) -> bool:
        """Whether the message is a call's: its process waits for it, and no dispatcher sends it."""
        return self.next_at is None


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
