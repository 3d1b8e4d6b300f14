"""The machine under a process: which step leads from where to where, and nothing of any case."""

import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from transitions import Machine

from domain.language.table import State, Step


def machine_of(states: Sequence[State]) -> Machine:
    """Return a machine that holds no case: `machine.events[step].trigger(case, form)` fires it.

    No model is ever registered (`add_model` would keep every case alive), and there are no
    automatic `to_<state>` transitions, which would be back doors.
    """
    return Machine(
        model=None,
        states=[state.name.value for state in states],
        initial=states[0].name.value,
        transitions=[
            {
                "trigger": step.name,
                "source": state.name.value,
                "dest": dest,
                "conditions": _has_outcome(step, outcome),
            }
            for state in states
            for step in state.steps
            for outcome, dest in step.arrows.items()
        ],
        auto_transitions=False,
        send_event=True,
    )


def _has_outcome(step: Step, outcome: Hashable) -> Callable[[Any], bool]:
    return lambda event: operator.eq(step.decide(event.model, event.args[0]), outcome)
