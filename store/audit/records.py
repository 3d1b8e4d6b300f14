"""The ledger across cases: acts of administration, rows, and what verifies them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Final, NamedTuple

from pydantic import JsonValue

from domain.language.roles import Actor, ActorKind


class LeafKind(StrEnum):
    """What a row of the ledger stands for."""

    ENTRY = auto()
    ACT = auto()


@dataclass(frozen=True)
class By:
    """Who does something to the system, and why."""

    actor: Actor
    reason: str = ""


AUDIT_EVENTS: Final = (
    "archive.listed",
    "batch.applied",
    "batch.cancelled",
    "batch.made",
    "customer.viewed",
    "histories.exported",
    "key.added",
    "key.revoked",
    "policy.set",
    "staff.added",
    "staff.changed",
    "system.restored",
    "team.added",
)
"""All that is written into the ledger beside entries of cases."""

BY_ITSELF = By(Actor(kind=ActorKind.SYSTEM, id="banjie"))
"""Nobody was named: the system, or a program beside it."""


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """Something done to the system rather than to one case: a key revoked, a customer looked at.

    `subject` is a reference, never a name; `details` hold nothing personal. `position` is its place
    in the ledger, or None while it waits to be sealed.
    """

    id: str
    at: datetime
    actor: Actor
    what: str
    subject: str
    reason: str = ""
    details: dict[str, JsonValue] = field(default_factory=dict)
    position: int | None = None


class Leaf(NamedTuple):
    """A row of the ledger; `body` is an act as it was written, and None for an entry."""

    kind: str
    id: str
    seq: int
    hash: str
    body: str | None


@dataclass(frozen=True)
class Peaks:
    """The newest checkpoint as the store has it: how many rows it covers, the roots to go on."""

    n: int
    count: int
    peaks: str
    document: str


class Hashed(NamedTuple):
    """An entry as verification sees it: what it carries, and the hash of all that it says now."""

    number: str
    seq: int
    prev: str | None
    hash: str


@dataclass(frozen=True)
class Part:
    """A stretch of cases, read at one moment: their entries, and what the ledger has of them.

    `last` is the number of entries that each case's row counts, `sealed` and `waiting` the hashes
    in the ledger, by case and by seq.
    """

    entries: list[Hashed]
    last: dict[str, int]
    sealed: dict[str, dict[int, str]]
    waiting: dict[str, dict[int, str]]
