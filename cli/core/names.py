"""Names in a filter that nothing fits: is there such a kind, state, stage …?"""

from collections.abc import Iterable, Mapping
from typing import Any

from cli.core.exits import WrongUsage


def refuse_unknown(wanted: Mapping[str, Any]) -> None:
    """Refuse a name that there is not: an empty answer about it would be taken for good news.

    Raises:
        WrongUsage: with the names that there are.
    """
    known = _known()
    for field, value in wanted.items():
        if value is not None and field in known and value not in known[field]:
            names = ", ".join(sorted(known[field]))
            raise WrongUsage(f"There is no {field} {value}; there are {names}.")


def steps_of(kind: str) -> set[str]:
    """What can be asked for in many cases of a kind: its steps, in all versions, and the acts."""
    from cases import KINDS
    from domain.batches import NOT_IN_BATCHES
    from domain.engine.task_actions import TASK_ACTIONS

    tables = [process for (name, _), process in KINDS.items() if name == kind]
    return {step for table in tables for step in table.forms} | (
        TASK_ACTIONS.keys() - NOT_IN_BATCHES
    )


def _known() -> dict[str, set[str]]:
    """Of all versions of all kinds, since old cases are listed, too."""
    from cases import KINDS
    from cases.common.classification import Priority
    from cases.common.forms import Channel

    states = [state for process in KINDS.values() for state in process.states]
    return {
        "kind": {kind for kind, _ in KINDS},
        "state": {state.name for state in states},
        "stage": {state.stage for state in states},
        "outcome": _given(state.outcome for state in states),
        "priority": set(Priority),
        "channel": set(Channel),
    }


def _given(names: Iterable[str | None]) -> set[str]:
    return {name for name in names if name}
