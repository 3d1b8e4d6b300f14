"""Customers, as they are given and as they are kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """One way to reach a customer: `phone`, `email`, `wechat` …, and the value as it was given."""

    kind: str
    value: str


@dataclass(frozen=True)
class Customer:
    """A customer's personal data; `ref` is all that cases know of it."""

    ref: str
    name: str | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True)
class CustomerGiven:
    """What a start says of the customer: a reference, or a name and contact points, or nothing."""

    ref: str | None = None
    name: str | None = None
    contacts: tuple[Contact, ...] = ()
