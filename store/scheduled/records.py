"""Scheduled messages as they are read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Any


class MessageStatus(StrEnum):
    """Where a message is: only one that waits can be called back."""

    WAITING = auto()
    SENDING = auto()
    SENT = auto()
    CANCELLED = auto()
    FAILED = auto()


@dataclass(frozen=True, kw_only=True)
class ScheduledMessage:
    """A message of one of the staff to a case's customer, which is sent when it is due.

    `attempts` counts those who took it to send it. `ended_by` is who called it back; `code`, `kind`
    and `params` say why it was refused.
    """

    tenant: str
    id: str
    number: str
    author: str
    text: str
    digest: str
    made_at: datetime
    due_at: datetime
    status: MessageStatus
    attempts: int = 0
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    code: str | None = None
    kind: str | None = None
    params: dict[str, Any] | None = None
