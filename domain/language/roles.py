"""Who acts: roles as sets that can be joined with `|`, and actors as history records them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto

from pydantic import BaseModel, ConfigDict


class ActorKind(StrEnum):
    """The kinds of actors."""

    STAFF = auto()
    SYSTEM = auto()
    CUSTOMER = auto()
    TIMER = auto()
    ROUTER = auto()
    WORLD = auto()


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
    """A reference to a person or a thing, never a name: `{kind, id}`."""

    model_config = ConfigDict(frozen=True)

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


THE_TIMER = Actor(kind=ActorKind.TIMER, id="timer")


def the_world(port: str) -> Actor:
    """Return the actor of an outcome that came back through the port of this name."""
    return Actor(kind=ActorKind.WORLD, id=port)
