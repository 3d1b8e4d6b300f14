"""Assignments by rule as they are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

TeamsByPolicy = Mapping[str, Sequence[str]]
"""By the version of a policy, the teams whose cases it has assigned by rule."""


class AssignmentStatus(StrEnum):
    """Where a decision is: the case was not told yet, took it, or refused it."""

    PENDING = auto()
    DONE = auto()
    REFUSED = auto()


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A decision that somebody gets a case as it stood at the version `etag`.

    `attempt` tells it from those of that version before that were refused. `code` says why it was.
    """

    tenant: str
    number: str
    etag: int
    attempt: int
    task: int
    person: str
    reason: str
    decided_at: datetime
    status: AssignmentStatus = AssignmentStatus.PENDING
    code: str | None = None

    @property
    def request(self) -> str:
        """The id of the request to the case: however often it is sent, it is taken once."""
        return f"assignment:{self.number}:{self.etag}:{self.attempt}"


@dataclass(frozen=True)
class WaitingRow:
    """A case that nobody has, and its open task."""

    number: str
    kind: str
    category: str | None
    team: str
    customer: str | None
    policy_version: str
    etag: int
    last_seq: int
    rank: datetime
    task: int
    candidates: tuple[str, ...]
    attempts: int
