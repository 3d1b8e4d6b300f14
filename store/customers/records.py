"""Customers, as a start gives them and as they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from domain.language.roles import Actor

DESK = "desk"
"""The source of what our staff enter; it may refer to every customer, a system only to its own."""


class ContactKind(StrEnum):
    """The ways to reach a customer; an `app` one is their account there."""

    PHONE = auto()
    SMS = auto()
    EMAIL = auto()
    WECHAT = auto()
    APP = auto()
    ADDRESS = auto()


REACHABLE = frozenset(ContactKind) - {ContactKind.ADDRESS}
"""Where a message can be sent to."""


@dataclass(frozen=True)
class Contact:
    """One way to reach a customer: a `ContactKind`, and the value as it was given."""

    kind: str
    value: str


class CustomerType(StrEnum):
    """Whom we deal with."""

    PERSON = auto()
    COMPANY = auto()


class Tier(StrEnum):
    """What a customer is to us: 潜在客户 / 普通客户 / 会员 / VIP客户."""

    POTENTIAL = auto()
    ORDINARY = auto()
    MEMBER = auto()
    VIP = auto()


class Consent(StrEnum):
    """What a customer said of being contacted in one way."""

    GIVEN = auto()
    REFUSED = auto()


class VersionKind(StrEnum):
    """Why there is a version of a customer's record."""

    ADDED = auto()
    CORRECTED = auto()
    MERGED = auto()
    UNMERGED = auto()


@dataclass(frozen=True)
class Customer:
    """A customer's personal data; `ref` is all that cases know of it.

    Args:
        ref: the reference; of several that were merged, the one that they lead to.
        name: what the customer is called.
        contacts: how to reach them, the best way first.
        type: a `CustomerType`, if somebody said.
        tier: a `Tier`, if somebody said.
        preferred_channel: how they wish to be reached, if they said.
        consent: a `Consent` by channel; nothing is known of those that are not in it.
        version: the number of the record's version.
        merged: the other references that were merged into this one.
        former: contact points that a correction took out: they are somebody else's, or nobody's.
    """

    ref: str
    name: str | None
    contacts: tuple[Contact, ...]
    type: str | None = None
    tier: str | None = None
    preferred_channel: str | None = None
    consent: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    merged: tuple[str, ...] = ()
    former: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class CustomerVersion:
    """A version of a record: what it was from `at` on, who made it, and why.

    `by` is None where systems and cases gave the data. A merge names the reference that was merged
    and the one that it leads to.
    """

    n: int
    at: datetime
    what: str
    by: Actor | None
    reason: str
    record: Mapping[str, Any]
    merged: str | None = None
    into: str | None = None


@dataclass(frozen=True)
class CustomerInput:
    """What a start says of its customer: a reference, or a name and contact points, or nothing."""

    ref: str | None = None
    name: str | None = None
    contacts: tuple[Contact, ...] = ()
