"""Who acts: roles as sets that can be joined with `|`, and actors as history records them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict

E = TypeVar("E", bound=StrEnum)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def unknown_member(enum: type[E], value: object) -> E | None:
    """Return a member that stands for a name this version does not know; None if it is no name."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        return None
    member = str.__new__(enum, value)
    member._name_, member._value_ = value.upper(), value
    return member


class ActorKind(StrEnum):
    """The kinds of actors."""

    STAFF = auto()
    SYSTEM = auto()
    CUSTOMER = auto()
    TIMER = auto()
    ROUTER = auto()
    WORLD = auto()

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Return a kind that a newer version wrote: it is carried, and it may do nothing."""
        return unknown_member(cls, value)


@dataclass(frozen=True)
class Roles:
    """A set of role names; `A | B` joins, `A & B` is what both have, an empty set is false."""

    names: frozenset[str] = frozenset()

    def __or__(self, other: "Roles") -> "Roles":
        return Roles(self.names | other.names)

    def __and__(self, other: "Roles") -> "Roles":
        return Roles(self.names & other.names)

    def union(self, *others: "Roles") -> "Roles":
        """Return all of them together."""
        return Roles(self.names.union(*(other.names for other in others)))

    def __bool__(self) -> bool:
        return bool(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.names))

    def __str__(self) -> str:
        return ", ".join(self)


def role(name: str) -> Roles:
    """Return the set of one role."""
    return Roles(frozenset({name}))


NOBODY = Roles()
CUSTOMER = role(ActorKind.CUSTOMER.value)
SYSTEM = role(ActorKind.SYSTEM.value)
TIMER = role(ActorKind.TIMER.value)
ROUTER = role(ActorKind.ROUTER.value)
WORLD = role(ActorKind.WORLD.value)
NOT_STAFF = CUSTOMER | SYSTEM | TIMER | ROUTER | WORLD


class Party(BaseModel):
    """A reference to a person or a thing, never a name: `{kind, id}`.

    What a newer version added is carried unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: ActorKind
    id: str


class Actor(Party):
    """Who did something, in which roles, and for whom if not for themselves."""

    roles: tuple[str, ...] = ()
    on_behalf_of: Party | None = None

    @property
    def stands_for(self) -> Roles:
        """The roles this actor may act in.

        Staff have the roles they were given, and never those of the customer, the timer or the
        world. Any other actor stands for its own kind; a system that speaks for a customer
        (the shop's app, say) stands for the customer as well.
        """
        if self.kind is ActorKind.STAFF:
            return Roles(frozenset(self.roles) - NOT_STAFF.names)
        own = role(self.kind.value)
        speaks = self.kind is ActorKind.SYSTEM and self.on_behalf_of is not None
        if speaks and self.on_behalf_of and self.on_behalf_of.kind is ActorKind.CUSTOMER:
            return own | CUSTOMER
        return own

    @property
    def is_staff(self) -> bool:
        """Whether this is one of our people."""
        return self.kind is ActorKind.STAFF


def the_router(for_whom: str | None = None) -> Actor:
    """Return the actor that gives work to teams by itself, or because one of the staff changed."""
    party = Party(kind=ActorKind.STAFF, id=for_whom) if for_whom else None
    return Actor(kind=ActorKind.ROUTER, id=ActorKind.ROUTER.value, on_behalf_of=party)


THE_TIMER = Actor(kind=ActorKind.TIMER, id="timer")


def the_world(port: str) -> Actor:
    """Return the actor of an outcome that came back through the port of this name."""
    return Actor(kind=ActorKind.WORLD, id=port)
