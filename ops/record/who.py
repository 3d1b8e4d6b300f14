"""Who did something, as the customer may know it: a function, never a person."""

from domain.people import Actor, ActorKind
from ops.record.words import Words

FUNCTIONS = {"repairer": "repairer", "vendor": "repairer", "logistics": "logistics"}
"""The roles with a name of their own on paper; of all others the name would tell the tier."""


def by(actor: Actor, words: Words) -> str:
    """The customer, a function of ours, or nobody."""
    if by_customer(actor):
        return words.own("by_customer")
    if actor.is_staff:
        known = (FUNCTIONS[role] for role in actor.roles if role in FUNCTIONS)
        return words.own(f"by_{next(known, 'service')}")
    return words.own("by_itself")


def by_customer(actor: Actor) -> bool:
    """Whether the customer did it, or a system that spoke for them."""
    behind = actor.on_behalf_of
    return ActorKind.CUSTOMER in (actor.kind, behind.kind if behind else None)
