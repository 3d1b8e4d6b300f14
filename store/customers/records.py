"""Customers, as a start gives them and as they are stored."""

from dataclasses import dataclass
from enum import StrEnum, auto

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


@dataclass(frozen=True)
class Customer:
    """A customer's personal data; `ref` is all that cases know of it."""

    ref: str
    name: str | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True)
class CustomerInput:
    """What a start says of its customer: a reference, or a name and contact points, or nothing."""

    ref: str | None = None
    name: str | None = None
    contacts: tuple[Contact, ...] = ()
