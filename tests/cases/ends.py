"""The nearest way to an end, as management with every right would go it."""

from collections.abc import Iterator, Mapping, Sequence

from domain.engine.action_forms import Assignment
from domain.engine.messages import Request
from domain.errors import Refusal
from domain.language.forms import Form
from domain.language.roles import CUSTOMER, WORLD, Actor, ActorKind, the_world
from domain.language.table import State, Step
from domain.stories import person
from tests.cases.handed import shapes
from tests.cases.walk import Walk
from tests.support.cases import ZHOU, request

EVERYTHING = person(ZHOU.id, *ZHOU.roles, "repairer", "logistics")
"""Management that can do every work itself."""

HANDED = Assignment(assignee=EVERYTHING.id, roles=EVERYTHING.roles)


def to_an_end(walk: Walk) -> Iterator[Request]:
    """The requests that bring the case to an end; each is to be handed in before the next."""
    near = distances(walk.process.states)
    walk.settle()
    while not walk.process.state_of(walk.case).closed:
        yield _next(walk, near)


def distances(allowed: Sequence[State]) -> Mapping[str, int]:
    """How far each state is from an end other than withdrawal, by allowed states, without time."""
    steps = {state.name.value: _dests(state) for state in allowed}
    ends = (each for each in allowed if each.closed and each.outcome != "withdrawn")
    near = {end.name.value: 0 for end in ends}
    far = 0
    while more := {name for name, to in steps.items() if name not in near and to & set(near)}:
        far += 1
        near |= dict.fromkeys(more, far)
    return near


def _dests(state: State) -> set[str]:
    return {dest for step in state.steps if step.after is None for dest in step.arrows.values()}


def _next(walk: Walk, near: Mapping[str, int]) -> Request:
    """The step, form and actor that lead nearest to an end, somewhere else at least."""
    case, found = walk.case, []
    for step in walk.process.steps(case, walk.now):
        for form in _forms(step):
            dest = step.arrows[step.decide(case, form)]
            if dest in near and dest != case.state and (actor := _actor(step)):
                found.append((near[dest], step.name, form, actor))
    for _, name, form, actor in sorted(found, key=lambda way: way[0]):
        asked = request(f"end-{case.next_seq}", (name, form.canonical()), actor=actor)
        if _passes(walk, asked):
            return asked
    raise AssertionError(f"{case.state} has no way to an end")


def _passes(walk: Walk, asked: Request) -> bool:
    """Whether nothing is against it: money paid back already, say."""
    try:
        walk.process.check_request(walk.case, asked, walk.now)
    except Refusal:
        return False
    return True


def _forms(step: Step) -> Sequence[Form]:
    return [HANDED] if step.form is Assignment else shapes(step.form)


def _actor(step: Step) -> Actor | None:
    if step.by & EVERYTHING.stands_for:
        return EVERYTHING
    if step.by & WORLD:
        return the_world("tell")
    if step.by & CUSTOMER:
        return Actor(kind=ActorKind.CUSTOMER, id="c")
    return None
