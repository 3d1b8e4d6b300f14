"""What is refused at import: process tables that contradict themselves."""

from collections.abc import Hashable, Iterator, Sequence
from enum import Enum

from domain.acts import ACTS
from domain.case import Assignment
from domain.errors import WrongTable
from domain.forms import Form
from domain.people import TIMER, WORLD
from domain.table import State, Step, WaitsOn


def refuse_wrong_table(kind: str, states: Sequence[State]) -> None:
    """Refuse a table with all its faults at once.

    Raises:
        WrongTable: listing what contradicts what.
    """
    if faults := [*_shape(states), *_steps(states), *_waiting(states), *_ending(states)]:
        raise WrongTable(f"{kind}: " + "; ".join(faults))


def _shape(states: Sequence[State]) -> Iterator[str]:
    names = [state.name.value for state in states]
    declared = set(names)
    reached = {names[0]} | {dest for s in states for each in s.steps for dest in _dests(each)}
    yield from (f"{name} is declared twice" for name in sorted(declared) if names.count(name) > 1)
    yield from (f"{name} is never reached" for name in sorted(declared - reached))
    yield from (f"{name} is not declared" for name in sorted(reached - declared))


def _steps(states: Sequence[State]) -> Iterator[str]:
    forms: dict[str, type[Form]] = {}
    for state in states:
        names = [each.name for each in state.steps]
        yield from (f"{state.name}.{n} stands twice" for n in {*names} if names.count(n) > 1)
        for each in state.steps:
            if forms.setdefault(each.name, each.form) is not each.form:
                yield f"{each.name} has two different forms"
            yield from (f"{state.name}.{each.name} {fault}" for fault in _step(each))


def _step(step: Step) -> Iterator[str]:
    if not step.by:
        yield "names nobody"
    if missing := _forgotten(step):
        yield f"forgets the outcome {missing}"
    if (step.after is not None) != bool(step.by & TIMER):
        yield "is the timer's without a time, or has a time and is not the timer's"
    if step.after is not None and any(f.is_required() for f in step.form.model_fields.values()):
        yield "is taken by time, which fills in no fields"
    if step.name in ACTS and step.form is not Assignment:
        yield "has the name of an act on the task"


def _forgotten(step: Step) -> str:
    first = next(iter(step.arrows))
    wanted: set[Hashable] = set()
    if isinstance(first, bool):
        wanted = {True, False}
    elif isinstance(first, Enum):
        wanted = set(type(first))
    return ", ".join(sorted(str(each) for each in wanted - set(step.arrows)))


def _waiting(states: Sequence[State]) -> Iterator[str]:
    for state in states:
        worldly = {each.name for each in state.steps if each.by & WORLD}
        called = {state.call.done, state.call.refused} if state.call else set()
        if worldly != called:
            yield f"{state.name} asks the world and needs the steps for both answers, no others"
        if bool(called) != (state.waits_on is WaitsOn.WORLD):
            yield f"{state.name} waits on the world just when it calls it"
        if state.waits_on is WaitsOn.STAFF and not state.closed and not state.staff:
            yield f"{state.name} waits on staff, but no step is for staff"


def _ending(states: Sequence[State]) -> Iterator[str]:
    ends = {state.name.value for state in states if state.closed}
    for state in states:
        idle = state.waits_on is WaitsOn.NOBODY
        if not state.closed == idle == bool(state.outcome):
            yield f"{state.name}: a closed state, and only that, waits on nobody and has an outcome"
        if state.closed and any(each.until is None for each in state.steps):
            yield f"{state.name} is closed, so its steps need an 'until'"
    arrows = {s.name.value: {d for each in s.steps for d in _dests(each)} for s in states}
    leads = set(ends)
    while more := {name for name, dests in arrows.items() if dests & leads} - leads:
        leads |= more
    yield from (f"{name} has no way to an end" for name in sorted(set(arrows) - leads))


def _dests(step: Step) -> set[str]:
    return set(step.arrows.values())
