"""The form of a new case: what every start has, and in it the kind's own opening form."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from app.errors import FieldFault
from app.start_case import NewCase
from app.step_forms import form_schema
from app.texts import Texts
from cases import CURRENT
from web.forms.fields import GroupField
from web.forms.filled import Filled, fill, walk
from web.forms.schema import read_schema
from web.forms.typed import Pairs, default_pairs
from web.forms.view import FormView
from web.forms.words import Words
from web.pages.new_case.order import without_lines

ID: Final = "new-case"
ASKED: Final = ("customer", "channel", "received_at", "form", "order", "product", "parent")
"""What the page asks, in this order; an external reference is for systems."""
CUSTOMER: Final = "/customer"
REF: Final = "/customer/ref"
PARENT: Final = "/parent"
BLANKS: Final = frozenset({("customer", "contacts")})
"""What `without_blank_contacts` leaves out where nothing is typed."""
DEFAULT: Final[JsonValue] = {
    "channel": "phone",
    "customer": {"contacts": [{"kind": "phone", "value": ""}]},
}
"""Whoever types a case in has most often a customer on the phone."""


def start_schema(opening: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a new case of a kind, whose own form is this one."""
    schema: dict[str, Any] = NewCase.model_json_schema()
    properties = {**schema["properties"], "form": {**opening, "$defs": {}}}
    definitions = {**schema["$defs"], **opening.get("$defs", {})}
    return {**schema, "properties": properties, "$defs": definitions}


@cache
def opening_form(kind: str) -> GroupField:
    """Return the form of a new case of a kind.

    Raises:
        KeyError: there is no such kind.
    """
    form = read_schema(start_schema(form_schema(kind, CURRENT[kind].opens_with)))
    fields = {field.name: field for field in form.fields}
    return replace(form, fields=tuple(fields[name] for name in ASKED))


def view(
    kind: str,
    pairs: Pairs | None,
    texts: Texts,
    locale: str,
    zone: ZoneInfo,
    faults: Sequence[FieldFault] = (),
    focus: str | None = None,
) -> FormView:
    """Return the form as the page shows it; without pairs it is a new one."""
    form = opening_form(kind)
    typed = default_pairs(form, zone, DEFAULT) if pairs is None else without_lines(pairs)
    root = fill(form, typed, zone, faults)
    words, action = Words(kind, locale), f"/cases/new/{kind}"
    return FormView(ID, action, root, words, texts, blanks=BLANKS, focus=focus)


def part(form: FormView, pointer: str) -> Filled:
    """Return a field of the form by its pointer.

    Raises:
        LookupError: there is no such field.
    """
    parts = [form.root]
    while parts:
        here = parts.pop()
        if here.pointer == pointer:
            return here
        parts += here.parts
    raise LookupError(pointer)


def has_customer(form: FormView) -> bool:
    """Say whether something is typed by which a customer is found."""
    fields = walk(part(form, CUSTOMER))
    return any(each.text for each in fields if each.pointer.endswith(("/value", "/name")))


def without_blank_contacts(pairs: Pairs) -> Pairs:
    """Return what was typed without contacts of which only the kind is chosen."""
    texts = dict(pairs)
    return [
        (name, text)
        for name, text in pairs
        if not (
            name.startswith(f"{CUSTOMER}/contacts/")
            and not texts.get(f"{name.rpartition('/')[0]}/value", "").strip()
        )
    ]
