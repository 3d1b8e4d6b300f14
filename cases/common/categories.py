"""Into which categories cases are sorted: a case's policy says it, or else the kind itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import JsonValue

from cases.common.policy import UnknownPolicy, kept_policy, policy_of
from domain.engine.categories import Categories
from domain.engine.kept_policy import KeptPolicy
from domain.language.categories import (
    CATEGORY,
    OF_CATEGORIES,
    OTHER,
    Category,
    Term,
    Titles,
    find_category,
    terms_of,
)

NAMES: Final = "x-names"
"""Of a part of a schema: what its values are called, by value and language."""
SUBCATEGORY: Final = "subcategory"
NULL: Final = {"type": "null"}


def categories(*built_in: Category) -> Categories:
    """Return the categories of a kind whose own are these; a case's policy may have others."""
    return Categories(built_in, lambda case: policy_of(case).categories.get(case.opening.kind))


def categories_under(
    kept: KeptPolicy | None, kind: str, built_in: Sequence[Category]
) -> Sequence[Category]:
    """Return the categories that cases of a kind have under a policy; without one, the kind's."""
    return _chosen(kept, kind) or built_in


def titles_under(kept: KeptPolicy | None, kind: str, code: str) -> Titles:
    """Return what a policy calls a category; nothing where the kind's catalogue says it."""
    found = find_category(_chosen(kept, kind) or (), code)
    return found.titles if found else {}


def _chosen(kept: KeptPolicy | None, kind: str) -> Sequence[Category] | None:
    try:
        return kept_policy(kept).categories.get(kind) if kept else None
    except UnknownPolicy:
        return None


def with_choices(schema: Mapping[str, Any], categories: Sequence[Category]) -> dict[str, Any]:
    """Return the JSON Schema of a form in which the values of these categories are the choices.

    A field for which there is nothing to choose is left out.
    """
    return {name: _chosen_from(name, part, categories) for name, part in schema.items()}


def _chosen_from(name: str, part: Any, categories: Sequence[Category]) -> Any:
    if isinstance(part, list):
        return [_chosen_from("", each, categories) for each in part]
    if not isinstance(part, Mapping):
        return part
    if name == "properties":
        part = _below_category(
            {field: each for field, each in part.items() if _has_choices(each, categories)}
        )
    below = with_choices(part, categories)
    sort = below.pop(OF_CATEGORIES, None)
    return below if sort is None else _restricted(below, terms_of(categories, sort))


def _below_category(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a form in their order, the sub-category below its category."""
    if CATEGORY not in fields or SUBCATEGORY not in fields:
        return fields
    subcategory = fields.pop(SUBCATEGORY)
    place = [*fields].index(CATEGORY) + 1
    items = [*fields.items()]
    return dict([*items[:place], (SUBCATEGORY, subcategory), *items[place:]])


def _has_choices(field: Mapping[str, Any], categories: Sequence[Category]) -> bool:
    sort = field.get(OF_CATEGORIES)
    return sort is None or bool(terms_of(categories, sort))


def _restricted(part: dict[str, Any], terms: Sequence[Term]) -> dict[str, Any]:
    """Return a part whose values are these; those of an optional one stand in its variants."""
    names = {each.code: dict(each.titles) for each in terms if each.titles}
    choices = {"enum": [each.code for each in terms], **({NAMES: names} if names else {})}
    if (variants := part.get("anyOf")) is None:
        return {**part, **choices}
    chosen = [each if each == NULL else {**each, **choices} for each in variants]
    return {**part, "anyOf": chosen}


def fitting(
    proposal: Mapping[str, JsonValue], categories: Sequence[Category]
) -> dict[str, JsonValue]:
    """Return a proposed classification with a category that there is.

    The kind proposes its own: that one, or one that acts as it, or else as what none fits.
    """
    proposed = proposal.get(CATEGORY)
    if not categories or CATEGORY not in proposal:
        return dict(proposal)
    for own in (proposed, OTHER):
        for each in categories:
            if own in (each.code, each.own):
                return {**proposal, CATEGORY: each.code}
    return dict(proposal)
