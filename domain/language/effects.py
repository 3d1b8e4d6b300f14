"""What a step does to the world, as data: the row names it, activities carry it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from domain.engine.case import Case


Params = Callable[["Case"], dict[str, JsonValue]]


@dataclass(frozen=True)
class Notify:
    """Tell somebody; the process does not wait for it. Becomes a row of the outbox.

    Args:
        template: the stable name of the text, rendered at the edge.
        to: "customer" or a role's name.
    """

    template: str
    to: str = "customer"


@dataclass(frozen=True)
class Call:
    """Ask the world for something the process depends on; the outcome comes back as a step.

    Args:
        port: the name of the activity that asks.
        done: the step that a success takes.
        refused: the step that a business refusal takes.
        template: the stable name of the text or order that is sent.
        params: what it is about, taken from the case: an amount, an address' reference.
    """

    port: str
    done: str
    refused: str
    template: str
    params: Params | None = None


Effect = Notify | Call


def notify(template: str, to: str = "customer") -> Notify:
    """A notice to the customer, or to everybody in a role."""
    return Notify(template, to)


def tell(template: str, params: Params | None = None) -> Call:
    """Tell the customer, and know that it was done: steps `told` and `tell_failed`."""
    return Call("tell", done="told", refused="tell_failed", template=template, params=params)


def ask(
    port: str,
    *,
    done: str,
    refused: str,
    template: str,
    params: Params | None = None,
) -> Call:
    """Ask for something through a port: "refund", "shipment" or "replacement".

    The port answers with a form `Arranged` for the step `done`, or `NotArranged` for `refused`;
    a technical failure is no answer: it is tried again, for ever.
    """
    return Call(port, done, refused, template, params)
