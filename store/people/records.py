"""Staff, teams and API keys."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from domain.assignment import Skill


@dataclass(frozen=True)
class Team:
    """People who share tasks."""

    id: str
    name: str


@dataclass(frozen=True)
class Staff:
    """A member of the staff, with the roles and teams they have now."""

    id: str
    name: str
    roles: tuple[str, ...]
    active: bool
    teams: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """What somebody can do, how many cases at a time, and whether they are here, and since when."""

    staff: str
    skills: tuple[Skill, ...] = ()
    capacity: int = 0
    on_duty: bool = False
    since: datetime | None = None


class OwnerKind(StrEnum):
    """Whom an API key belongs to."""

    SYSTEM = auto()
    STAFF = auto()


@dataclass(frozen=True)
class KeyOwner:
    """The owner of an API key: a system (the source of its cases) or a person."""

    kind: OwnerKind
    id: str


@dataclass(frozen=True)
class KeyInfo:
    """An API key as lists show it; the key itself is not stored."""

    id: str
    owner: KeyOwner
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class KeyHolder:
    """Whoever presents a key: a person has the roles they have now, a system those of its key.

    `active` is False for a person who has left: their key is refused.
    """

    tenant: str
    key_id: str
    owner: KeyOwner
    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    active: bool
