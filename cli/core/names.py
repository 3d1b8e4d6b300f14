"""Names that a person may have mistyped: kinds, states, stages, steps … that there are not."""

from collections.abc import Mapping
from typing import Any

from cli.core.exits import WrongUsage
from cli.core.i18n import ENGLISH, locale, translate


def refuse_unknown_names(filters: Mapping[str, Any]) -> None:
    """Refuse a name that there is not: an empty answer about it would pass for good news.

    Raises:
        WrongUsage: with the names that there are.
    """
    from app.filters import unknown_names

    for field, names in unknown_names(filters, filters.get("kind")).items():
        raise WrongUsage(
            translate(
                "There is no %(field)s %(name)s; there are %(names)s.",
                field=translate(field),
                name=filters[field],
                names=names,
            )
        )


def refuse_unknown_kind(kind: str | None) -> None:
    """Refuse a kind that there is not.

    Raises:
        WrongUsage: with the kinds that there are.
    """
    from cases import CURRENT

    if kind is not None and kind not in CURRENT:
        raise WrongUsage(
            translate(
                "There is no kind %(kind)s; there are %(kinds)s.",
                kind=kind,
                kinds=[*CURRENT],
            )
        )


def kind_of(number: str) -> str:
    """Return the kind of a case by its number, whose labels name its states and steps."""
    if locale() == ENGLISH:
        return ""
    from cases import CURRENT
    from domain.case_numbers import prefix_of

    prefix = prefix_of(number)
    return next((kind for kind, process in CURRENT.items() if process.prefix == prefix), "")


def batch_steps(kind: str | None) -> set[str]:
    """Return what a batch may do: the kind's steps, in all versions, and the task actions."""
    from cases import KINDS
    from domain.batches import NOT_IN_BATCHES
    from domain.engine.task_actions import OFFERED_ACTIONS

    tables = [process for (name, _), process in KINDS.items() if name == kind]
    return {step for table in tables for step in table.forms} | (
        OFFERED_ACTIONS.keys() - NOT_IN_BATCHES
    )
