"""What a step does to the world, as data: the row names it, an activity does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from domain.engine.case import Case


CUSTOMER = "customer"
"""Whom a notice is for, if it is not for a role."""

Params = Callable[["Case"], dict[str, JsonValue]]


@dataclass(frozen=True)
class Notify:
    """Notify somebody; the process does not wait for it. It becomes a row of the outbox.

    Args:
        template: the stable name of the text, rendered at the edge.
        to: "customer" or a role's name.
        by_staff: the text instead, where staff took the step; it tells the `reason` in its form.
    """

    template: str
    to: str = CUSTOMER
    by_staff: str | None = None


@dataclass(frozen=True)
class Call:
    """Ask the world for something the process depends on; the outcome comes back as a step.

    Args:
        port: the name of the activity that does it.
        done: the step that a success takes.
        refused: the step that a business refusal takes.
        template: the stable name of the text or order that is sent.
        params: what it is about, taken from the case: an amount, an address' reference.
        reversible: whether the port can be asked to reverse it when a case is taken back.
    """

    port: str
    done: str
    refused: str
    template: str
    params: Params | None = None
    reversible: bool = True


Effect = Notify | Call


def notify(template: str, to: str = CUSTOMER) -> Notify:
    """Return a notice to the customer, or to everybody in a role."""
    return Notify(template, to)


def as_taken(effect: Effect, *, by_staff: bool) -> Effect:
    """Return the effect of a step as it is when staff, or somebody else, took it."""
    if isinstance(effect, Notify) and effect.by_staff is not None:
        return Notify(effect.by_staff if by_staff else effect.template, effect.to)
    return effect


def tell(template: str, params: Params | None = None) -> Call:
    """Return a call that tells the customer; its outcome is the step `told` or `tell_failed`."""
    return Call("tell", done="told", refused="tell_failed", template=template, params=params)


def ask(
    port: str,
    *,
    done: str,
    refused: str,
    template: str,
    params: Params | None = None,
    reversible: bool = True,
) -> Call:
    """Return a call through a port: "refund", "shipment", "replacement", "conversion".

    The port answers with the form of the step `done` or of the step `refused`. A technical failure
    is no answer: the call is tried again, for ever.
    """
    return Call(port, done, refused, template, params, reversible)
