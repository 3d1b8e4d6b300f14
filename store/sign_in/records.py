"""Sessions, links and passwords as the store hands them out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_BYTES = 32


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts: without a request of the person, and at most."""

    idle: timedelta = timedelta(hours=2)
    lifetime: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """A browser in which one of the staff is signed in.

    `method` says how they signed in; `device` says roughly where, "Firefox · Linux".
    """

    id: str
    staff: str
    method: str
    device: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime


@dataclass(frozen=True)
class SessionHolder:
    """Whoever presents a session's token, with the roles and teams they have now."""

    tenant: str
    session: Session
    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]


@dataclass(frozen=True)
class Credential:
    """What a sign-in is checked against; `known_browser` says that this one signed in before."""

    staff: str
    active: bool
    hash: str | None
    known_browser: bool


@dataclass(frozen=True)
class Link:
    """A new one-time link to choose a password by; the token is not kept."""

    id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class LinkHolder:
    """Whom a one-time link is for."""

    tenant: str
    staff: str
    name: str
    roles: tuple[str, ...]
    expires_at: datetime


def new_token() -> str:
    """Return a random token that is safe in cookies and addresses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
