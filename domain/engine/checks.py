"""The checks at import: a process table that contradicts itself is refused."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import Enum

from domain.engine.action_forms import Assignment
from domain.engine.merged import CommonEnd
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import WrongTable
from domain.language.effects import Call
from domain.language.forms import Form
from domain.language.roles import NOT_STAFF, TIMER, WORLD
from domain.language.table import State, Step, WaitsOn, by_outcome

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_Arrows = Mapping[str, set[str]]


def refuse_wrong_table(kind: str, states: Sequence[State]) -> None:
    """Refuse a table with all its faults at once.

    Raises:
        WrongTable: listing what contradicts what.
    """
    if not states:
        raise WrongTable(f"{kind}: has no states")
    arrows = {
        state.name.value: set[str]().union(*map(_destinations, state.steps)) for state in states
    }
    faults = [
        *_names(kind, states),
        *_shape(states, arrows),
        *_steps(states),
        *_waiting(states),
        *_ending(states, arrows),
    ]
    if faults:
        raise WrongTable(f"{kind}: " + "; ".join(faults))


def _names(kind: str, states: Sequence[State]) -> Iterator[str]:
    steps = {each.name for state in states for each in state.steps}
    names = {kind, *(state.name.value for state in states), *steps}
    wrong = sorted(name for name in names if not _NAME.fullmatch(name))
    yield from (f"{name!r} is no name for paths and events (a-z, 0-9, _)" for name in wrong)


def _shape(states: Sequence[State], arrows: _Arrows) -> Iterator[str]:
    names = [state.name.value for state in states]
    aimed_at = set[str]().union(*arrows.values())
    reached = {names[0]}
    while more := set[str]().union(*(arrows.get(name, set()) for name in reached)) - reached:
        reached |= more
    yield from (f"{name} is declared twice" for name in sorted(arrows) if names.count(name) > 1)
    yield from (f"{name} is an end that every kind has" for name in CommonEnd if name in names)
    yield from (f"{name} is never reached" for name in sorted(set(arrows) - reached))
    yield from (f"{name} is not declared" for name in sorted(aimed_at - set(arrows)))


def _steps(states: Sequence[State]) -> Iterator[str]:
    forms: dict[str, type[Form]] = {}
    by_hand: dict[str, bool] = {}
    for state in states:
        names = [each.name for each in state.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        yield from (f"{state.name}.{name} stands twice" for name in twice)
        for each in state.steps:
            if forms.setdefault(each.name, each.form) is not each.form:
                yield f"{each.name} has two different forms"
            if by_hand.setdefault(each.name, each.by_hand) is not each.by_hand:
                yield f"{each.name} is done by hand in one state and not in another"
            faults = (*_step(each), *_timing(state, each))
            yield from (f"{state.name}.{each.name} {fault}" for fault in faults)


def _step(step: Step) -> Iterator[str]:
    if not step.by:
        yield "names nobody"
    if not step.arrows:
        yield "leads nowhere"
    if missing := _forgotten_outcomes(step):
        yield f"forgets the outcome {missing}"
    if step.decide is by_outcome and "outcome" not in step.form.model_fields:
        yield "branches without a 'decide', and its form has no field 'outcome'"
    if step.name in TASK_ACTIONS and step.form is not Assignment:
        yield "has the name of a task action"
    if step.by_hand and step.by & NOT_STAFF:
        yield "is done by hand, which only staff do"
    if any(isinstance(effect, Call) for effect in step.does):
        yield "calls the world, which only a state that waits for it may"


def _timing(state: State, step: Step) -> Iterator[str]:
    if (step.after is not None) != bool(step.by & TIMER):
        yield "is the timer's without a time, or has a time and is not the timer's"
    if step.after is None:
        return
    if step.after.usual <= timedelta():
        yield "is taken by time without any time passing"
    if state.name.value in _destinations(step):
        yield "is taken by time and leads back to where it starts, for ever"
    fields = step.form.model_fields.values()
    if step.fills is None and any(field.is_required() for field in fields):
        yield "is taken by time, which fills in no fields"


def _forgotten_outcomes(step: Step) -> str:
    first = next(iter(step.arrows), None)
    outcomes: set[Hashable] = set()
    if isinstance(first, bool):
        outcomes = {True, False}
    elif isinstance(first, Enum):
        outcomes = set(type(first))
    return ", ".join(sorted(str(each) for each in outcomes - set(step.arrows)))


def _waiting(states: Sequence[State]) -> Iterator[str]:
    for state in states:
        by_world = {each.name for each in state.steps if each.by & WORLD}
        calls = [effect for effect in state.does if isinstance(effect, Call)]
        called = {name for call in calls for name in (call.done, call.refused)}
        if by_world != called:
            yield f"{state.name} asks the world and needs the steps for both answers, no others"
        if len(calls) > 1:
            yield f"{state.name} calls the world more than once"
        if bool(called) != (state.waits_on is WaitsOn.WORLD):
            yield f"{state.name} waits on the world just when it calls it"
        if state.waits_on is WaitsOn.STAFF and not state.closed and not state.staff:
            yield f"{state.name} waits on staff, but no step is for staff"


def _ending(states: Sequence[State], arrows: _Arrows) -> Iterator[str]:
    for state in states:
        waits_on_nobody = state.waits_on is WaitsOn.NOBODY
        if not state.closed == waits_on_nobody == bool(state.outcome):
            yield f"{state.name}: a closed state, and only that, waits on nobody and has an outcome"
        if state.closed and any(each.until is None for each in state.steps):
            yield f"{state.name} is closed, so its steps need an 'until'"
    leads = {state.name.value for state in states if state.closed}
    while more := {name for name, dests in arrows.items() if dests & leads} - leads:
        leads |= more
    yield from (f"{name} has no way to an end" for name in sorted(set(arrows) - leads))


def _destinations(step: Step) -> set[str]:
    return set(step.arrows.values())
