"""What cases of a kind are sorted into: categories, each with what somebody does about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue

from domain.errors import WrongForm
from domain.language.forms import Form
from domain.language.values import Code

Titles = Mapping[str, str]
"""What something is called, by language; empty where the kind's catalogue says it."""

OF_CATEGORIES: Final = "x-of-categories"
"""Marks a field that takes what a case's categories have: a form asks for no other value."""

CATEGORY: Final = "category"
"""The field of a classification that holds one."""
OTHER: Final = "other"
"""The category of every kind for what no other fits."""

Sort = Literal["category", "subcategory", "check"]


def taken_from(sort: Sort) -> Any:
    """Return a mark for a field whose values are those of a case's categories."""
    return Field(json_schema_extra={OF_CATEGORIES: sort})


CategoryCode = Annotated[Code, taken_from("category")]
"""The code of a category."""
CheckCode = Annotated[Code, taken_from("check")]
"""The code of something that a playbook has somebody look at."""


@dataclass(frozen=True)
class Term:
    """A code, and what it is called."""

    code: str
    titles: Titles = field(default_factory=dict)


@dataclass(frozen=True)
class Playbook:
    """What is done about a case of some category (处理措施).

    Args:
        checks: what is looked at first.
        required_for: the severities in which a case does not go on before they are done.
        text: how it is handled, in words.
        solution: what is proposed to the customer.
    """

    checks: tuple[Term, ...] = ()
    required_for: frozenset[str] = frozenset()
    text: Titles = field(default_factory=dict)
    solution: Titles = field(default_factory=dict)


@dataclass(frozen=True)
class Category:
    """What a case may be sorted into.

    Args:
        code: stable, as histories keep it.
        titles: what it is called.
        acts_as: the kind's own category whose rules hold for it; empty: it is one of those.
        subcategories: what it is divided into.
        playbook: what is done about it.
    """

    code: str
    titles: Titles = field(default_factory=dict)
    acts_as: str = ""
    subcategories: tuple[Term, ...] = ()
    playbook: Playbook = field(default_factory=Playbook)

    @property
    def own(self) -> str:
        """The kind's own category as which the rules in code take it."""
        return self.acts_as or self.code

    @property
    def term(self) -> Term:
        """Its code, and what it is called."""
        return Term(self.code, self.titles)


def find_category(categories: Sequence[Category], code: str | None) -> Category | None:
    """Return the category of this code, if there is one."""
    return next((each for each in categories if each.code == code), None)


def terms_of(categories: Sequence[Category], sort: Sort) -> Sequence[Term]:
    """Return what a field that is marked so takes, each code once."""
    by_sort: Mapping[Sort, Iterator[Term]] = {
        "category": (each.term for each in categories),
        "subcategory": (term for each in categories for term in each.subcategories),
        "check": (term for each in categories for term in each.playbook.checks),
    }
    return [*{term.code: term for term in by_sort[sort]}.values()]


def marked_fields(form: type[Form], sort: Sort) -> list[str]:
    """Return the fields of a form that take what categories have of this sort."""
    marks = ((name, each.json_schema_extra) for name, each in form.model_fields.items())
    dicts = ((name, mark) for name, mark in marks if isinstance(mark, dict))
    return [name for name, mark in dicts if mark.get(OF_CATEGORIES) == sort]


def refuse_unknown_category(categories: Sequence[Category], form: Form) -> None:
    """Refuse a category that there is not, and a sub-category that is not of the category.

    Raises:
        WrongForm: with all that may be chosen.
    """
    for name in marked_fields(type(form), "category"):
        chosen = find_category(categories, getattr(form, name))
        if chosen is None:
            known = [each.code for each in categories]
            raise no_such_code(form, f"/{name}", "no_such_category", known)
        for below in marked_fields(type(form), "subcategory"):
            known = [each.code for each in chosen.subcategories]
            if getattr(form, below) not in (None, *known):
                raise no_such_code(form, f"/{below}", "no_such_subcategory", known)


def no_such_code(form: Form, pointer: str, code: str, known: Sequence[str]) -> WrongForm:
    """Return the refusal of a code that is none of those there are."""
    name = type(form).__name__
    detail = f"choose one of {', '.join(known)}" if known else "there is none"
    fault: JsonValue = {
        "pointer": pointer,
        "code": code,
        "detail": detail,
        "params": {"known": [*known]},
    }
    return WrongForm(f"The form {name} does not fit: {detail}.", form=name, errors=[fault])
