"""Who acted and what a form says, in the words of a record."""

from collections.abc import Iterator

from pydantic import JsonValue

from cases.common.record import is_by_customer
from domain.language.roles import Actor
from ops.record.content import Line
from ops.record.texts import Texts

FUNCTIONS = {"repairer": "repairer", "vendor": "repairer", "logistics": "logistics"}
"""The roles that the record names; the names of all others would show the tier."""


def details_of(name: str, value: JsonValue, annotation: object, texts: Texts) -> Iterator[Line]:
    """Yield a field and what it says; parts that say several things have a line each."""
    label = texts.label(f"field.{name}")
    if not isinstance(value, list):
        yield label, texts.value(name, value, annotation)
    elif all(isinstance(part, dict) and len(part) > 1 for part in value):
        for place, part in enumerate(value, 1):
            yield f"{label} {place}", texts.part(part)
    else:
        yield label, ", ".join(texts.part(part) for part in value)


def by(actor: Actor, texts: Texts) -> str:
    """Return who acted: the customer, a function of ours, or the system."""
    if is_by_customer(actor):
        return texts.of_record("by_customer")
    if actor.is_staff:
        functions = (FUNCTIONS[role] for role in actor.roles if role in FUNCTIONS)
        return texts.of_record(f"by_{next(functions, 'service')}")
    return texts.of_record("by_itself")
