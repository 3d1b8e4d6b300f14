"""Filters as callers give them: a kind, a state, a priority … that there is not is refused.

An empty list about a mistyped name would pass for good news. The names are those of all versions of
all kinds, since old cases are listed, too; where a kind is named, of that kind's.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from app.errors import Unacceptable, invalid
from cases import CURRENT, KINDS
from domain.engine.merged import MERGED_STATE
from domain.engine.side_tasks import SideSort
from domain.language.channels import Channel
from domain.language.values import Priority


class KnownNames(BaseModel):
    """A filter whose names of kinds, states, stages … are names that there are."""

    @model_validator(mode="after")
    def _refuse_unknown_names(self) -> Self:
        refuse_unknown_names(self, getattr(self, "kind", None))
        return self


def refuse_unknown_names(given: BaseModel, kind: str | None, *where: str) -> None:
    """Refuse the filters whose value there is not; `where` leads to them in what was sent.

    Raises:
        ValidationError: a fault for each, with the names that there are.
    """
    values = {name: getattr(given, name) for name in type(given).model_fields}
    faults = [
        InitErrorDetails(
            type=PydanticCustomError(
                "enum", "there are {names}", {"names": ", ".join(names), "expected": names}
            ),
            loc=(*where, field),
            input=values[field],
        )
        for field, names in unknown_names(values, kind).items()
    ]
    if faults:
        raise ValidationError.from_exception_data("Filter", faults)


def unknown_names(filters: Mapping[str, Any], kind: str | None = None) -> dict[str, list[str]]:
    """Return the filters whose value there is not, each with the names that there are."""
    known = known_names(kind if kind in CURRENT else None)
    return {
        field: sorted(known[field])
        for field, value in filters.items()
        if value is not None and field in known and value not in known[field]
    }


@cache
def known_names(kind: str | None = None) -> Mapping[str, frozenset[str]]:
    """Return the names that filters take, by filter."""
    processes = [process for (name, _), process in KINDS.items() if kind in (None, name)]
    states = [state for process in processes for state in (*process.states, MERGED_STATE)]
    return {
        "kind": frozenset(name for name, _ in KINDS),
        "state": frozenset(str(state.name) for state in states),
        "stage": frozenset(str(state.stage) for state in states),
        "outcome": _without_none(state.outcome for state in states),
        "priority": frozenset(map(str, Priority)),
        "request": frozenset(map(str, SideSort)),
        "channel": frozenset(map(str, Channel)),
    }


def unknown_kind(pointer: str) -> Unacceptable:
    """Return the error for a kind that there is not, with those there are."""
    kinds = sorted(CURRENT)
    return invalid(pointer, "unknown_kind", f"The kinds are {', '.join(kinds)}.", kinds=kinds)


def _without_none(names: Iterable[str | None]) -> frozenset[str]:
    return frozenset(str(name) for name in names if name)
