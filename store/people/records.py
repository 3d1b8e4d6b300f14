"""Staff, teams and API keys."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto


@dataclass(frozen=True)
class Team:
    """People who share tasks."""

    id: str
    name: str


@dataclass(frozen=True)
class Staff:
    """One of our people, with the roles and teams they have today."""

    id: str
    name: str
    roles: tuple[str, ...]
    active: bool
    teams: tuple[str, ...]


class OwnerKind(StrEnum):
    """What an API key stands for."""

    SYSTEM = auto()
    STAFF = auto()


@dataclass(frozen=True)
class KeyOwner:
    """Whose API key it is: a system (the source of its cases) or a person."""

    kind: OwnerKind
    id: str


@dataclass(frozen=True)
class KeyInfo:
    """An API key as lists show it; the key itself is not kept."""

    id: str
    owner: KeyOwner
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class KeyRecord:
    """Who is at the door: a person's roles are those of today, a system's those of its key.

    `active` is False for a person who has left: their key opens nothing.
    """

    tenant: str
    key_id: str
    owner: KeyOwner
    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    active: bool
