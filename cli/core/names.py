"""Names that a person may have mistyped: kinds, states, stages, steps … that there are not."""

from collections.abc import Iterable, Mapping
from typing import Any

from cli.core.exits import WrongUsage


def refuse_unknown_names(filters: Mapping[str, Any]) -> None:
    """Refuse a name that there is not: an empty answer about it would pass for good news.

    Raises:
        WrongUsage: with the names that there are.
    """
    names_of = _known_names()
    for field, value in filters.items():
        if value is not None and field in names_of and value not in names_of[field]:
            names = ", ".join(sorted(names_of[field]))
            raise WrongUsage(f"There is no {field} {value}; there are {names}.")


def refuse_unknown_kind(kind: str | None) -> None:
    """Refuse a kind that there is not.

    Raises:
        WrongUsage: with the kinds that there are.
    """
    from cases import CURRENT

    if kind is not None and kind not in CURRENT:
        raise WrongUsage(f"There is no kind {kind}; there are {', '.join(CURRENT)}.")


def batch_steps(kind: str) -> set[str]:
    """Return what a batch may do: the kind's steps, in all versions, and the task actions."""
    from cases import KINDS
    from domain.batches import NOT_IN_BATCHES
    from domain.engine.task_actions import TASK_ACTIONS

    tables = [process for (name, _), process in KINDS.items() if name == kind]
    return {step for table in tables for step in table.forms} | (
        TASK_ACTIONS.keys() - NOT_IN_BATCHES
    )


def _known_names() -> dict[str, set[str]]:
    """Return the names of all versions of all kinds, since old cases are listed, too."""
    from cases import KINDS
    from cases.common.classification import Priority
    from cases.common.forms import Channel

    states = [state for process in KINDS.values() for state in process.states]
    return {
        "kind": {kind for kind, _ in KINDS},
        "state": {state.name for state in states},
        "stage": {state.stage for state in states},
        "outcome": _without_none(state.outcome for state in states),
        "priority": set(Priority),
        "channel": set(Channel),
    }


def _without_none(names: Iterable[str | None]) -> set[str]:
    return {name for name in names if name}
