"""Random walks through a kind's process, and the nearest way to an end of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, product

from hypothesis import strategies as st

from cases.common.offers import Answer, standing_offer
from cases.common.policy import published_policies
from domain.engine.action_forms import (
    Assignment,
    ClockMode,
    Compensation,
    CompensationMethod,
    Rewinding,
)
from domain.engine.case import Case
from domain.engine.kept_policy import PolicyChange
from domain.engine.messages import Command, Outcome, Receipt, Request
from domain.engine.process import Process
from domain.engine.rewind.compensation import (
    EFFECT_DONE,
    EFFECT_FAILED,
    irreversible_effects,
    unanswered_compensation,
)
from domain.engine.side_forms import ByMember, OnRequest
from domain.engine.side_tasks import SideTask
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal
from domain.language.forms import Form
from domain.language.roles import CUSTOMER, THE_TIMER, WORLD, Actor, ActorKind, the_world
from domain.language.table import State, Step
from domain.read_models.projection import ProjectionUpdate, pending_call, projection_update
from domain.stories import person, through
from tests.cases.form_strategies import assignments, forms, shapes
from tests.domain.case_driver import NINE
from tests.support.cases import CHEN, LIU, SHOP, WANG, ZHANG, ZHAO, ZHOU, opening, request

STAFF = (
    *(CHEN, LIU, ZHANG, WANG, ZHAO, ZHOU),
    person("sun.li", "store_manager"),
    person("qian.jun", "account_manager"),
    person("ma.qiang", "repairer"),
    person("shunda", "vendor"),
    person("he.tao", "logistics"),
)
ROUTER = Actor(kind=ActorKind.ROUTER, id="router")
CAST = (*STAFF, SHOP, through("platform"), the_world("tell"), ROUTER, THE_TIMER, person("no.body"))
PAUSES = [timedelta(), *(timedelta(hours=hours) for hours in (1, 5, 73, 169))]

EVERYTHING = person(ZHOU.id, *ZHOU.roles, "repairer", "logistics")
"""Management that can do every work itself."""

HANDED = Assignment(assignee=EVERYTHING.id, roles=EVERYTHING.roles)


@dataclass
class Walk:
    """A case, who tried what on it, and the updates that the store got."""

    process: Process
    case: Case
    now: datetime = NINE
    done: list[tuple[Request, Receipt]] = field(default_factory=list)
    batches: list[ProjectionUpdate] = field(default_factory=list)
    refused: int = 0

    def record(self) -> None:
        """Send the store what is new, as the workflow does."""
        last = self.batches[-1].case.last_seq if self.batches else 0
        if last < self.case.last.seq:
            self.batches.append(projection_update(self.process, self.case, last))

    def attempt(self, request: Request) -> None:
        """Hand in a request as the workflow does. A refusal must change nothing."""
        before, trial = self.case.copy(), self.case.copy()
        try:
            self.process.check_request(self.case, request, self.now)
        except Refusal:
            self.refused += 1
            return
        finally:
            assert self.case == before, "the check changed the case"
        receipt = self.process.apply_request(trial, request, self.now)
        self.case = trial
        self.done.append((request, receipt))

    def settle(self) -> None:
        """Let time take what is due, as the workflow's timer does."""
        self.process.settle(self.case, self.now)


@st.composite
def walks(draw: st.DrawFn, process: Process, longest: int = 12) -> Walk:
    """A walk: straight on for a while, then up to `longest` attempts, recorded now and then."""
    by, customer = draw(st.sampled_from([(CHEN, None), (CHEN, "customer-1"), (SHOP, None)]))
    first = opening("TS1", process.kind, by, received_at=NINE, customer=customer)
    walk = Walk(process, process.open(first, NINE))
    for attempt in islice(to_an_end(walk), draw(st.integers(0, 9))):
        walk.attempt(attempt)
    for index in range(draw(st.integers(1, longest))):
        walk.now += draw(st.sampled_from(PAUSES))
        if draw(st.booleans()):
            walk.settle()
        attempt = draw(sensible(walk) if draw(st.integers(0, 3)) else wild(walk))
        walk.attempt(attempt.model_copy(update={"id": f"r{index}"}))
        if draw(st.booleans()):
            answer(walk, draw(st.sampled_from([EFFECT_DONE, EFFECT_FAILED])))
        if draw(st.booleans()):
            walk.record()
    walk.record()
    return walk


def answer(walk: Walk, step: str) -> None:
    """The world answers a compensation, if it was asked for one."""
    call = pending_call(walk.process, walk.case)
    if call and unanswered_compensation(walk.process, walk.case):
        outcome = Outcome(step=step, form={"reference": "x"})
        walk.process.apply_outcome(walk.case, call, outcome, walk.now)


@st.composite
def sensible(draw: st.DrawFn, walk: Walk) -> Request:
    """A step onwards by somebody who may take it, or a task action."""
    steps = [step for step in walk.process.steps(walk.case, walk.now) if step.after is None]
    onwards = [step.name for step in steps if step.name != "withdraw"]
    name = draw(st.sampled_from(onwards * 8 + list(TASK_ACTIONS)))
    form = draw(form_for(walk, name))
    may = [actor for actor in CAST if _may(walk, name, form, actor)]
    return request("any", (name, form.canonical()), actor=draw(st.sampled_from(may or CAST)))


@st.composite
def wild(draw: st.DrawFn, walk: Walk) -> Request:
    """One or two commands of any sort by anybody."""
    names = st.sampled_from([*TASK_ACTIONS, *walk.process.forms])
    some = draw(st.lists(names, min_size=1, max_size=2))
    commands = [(name, draw(form_for(walk, name)).canonical()) for name in some]
    return request("any", *commands, actor=draw(st.sampled_from(CAST)))


def form_for(walk: Walk, name: str) -> st.SearchStrategy[Form]:
    """A form for a step or a task action."""
    shape = walk.process.forms.get(name) or TASK_ACTIONS[name][0]
    if shape is Rewinding:
        return rewinds(walk)
    if issubclass(shape, OnRequest) and (waiting := walk.case.open_side_tasks):
        return on_request(shape, st.sampled_from(waiting))
    if shape is PolicyChange:
        # What nobody published reaches no case.
        versions = sorted(each.version for each in published_policies())
        return st.sampled_from([shape(policy=version, reason="new times") for version in versions])
    return assignments(STAFF) if shape is Assignment else forms(shape)


def on_request(
    shape: type[OnRequest], waiting: st.SearchStrategy[SideTask]
) -> st.SearchStrategy[Form]:
    """What may be done with a request that waits, by somebody of the team that is asked."""

    def about(form: Form, task: SideTask) -> Form:
        of_team = {"teams": (task.team,)} if issubclass(shape, ByMember) and task.team else {}
        return form.model_copy(update={"request": task.seq, **of_team})

    return st.builds(about, forms(shape), waiting)


@st.composite
def rewinds(draw: st.DrawFn, walk: Walk) -> Form:
    """A way back to some entry, with something for each effect since."""
    to = draw(st.integers(1, walk.case.last.seq))
    methods = st.sampled_from(CompensationMethod)
    compensations = [
        Compensation(effect=each.effect, how=draw(methods), note="as agreed")
        for each in irreversible_effects(walk.process, walk.case, to)
    ]
    clocks = draw(st.sampled_from(ClockMode))
    return Rewinding(to=to, reason="a mistake", clocks=clocks, compensations=tuple(compensations))


def to_an_end(walk: Walk) -> Iterator[Request]:
    """Yield the requests that bring the case to an end; each must be submitted before the next."""
    near = distances(walk.process.states)
    walk.settle()
    while not walk.process.state_of(walk.case).closed:
        yield _next(walk, near)


def distances(allowed: Sequence[State]) -> Mapping[str, int]:
    """Return how far each state is from an end other than withdrawal, without waiting for time."""
    steps = {state.name.value: _dests(state) for state in allowed}
    ends = (each for each in allowed if each.closed and each.outcome != "withdrawn")
    near = {end.name.value: 0 for end in ends}
    far = 0
    while more := {name for name, to in steps.items() if name not in near and to & set(near)}:
        far += 1
        near |= dict.fromkeys(more, far)
    return near


def _may(walk: Walk, name: str, form: Form, actor: Actor) -> bool:
    try:
        walk.process.check(walk.case, Command(step=name, form=form.canonical()), actor, walk.now)
    except Refusal:
        return False
    return True


def _dests(state: State) -> set[str]:
    return {dest for step in state.steps if step.after is None for dest in step.arrows.values()}


FEW = 41
"""One of so many shapes is tried before all of them are."""


def _next(walk: Walk, near: Mapping[str, int]) -> Request:
    """Return a request that leads nearer to an end, or at least to another state."""
    case = walk.case
    steps = [step for step in walk.process.steps(case, walk.now) if _actor(step)]
    reached = {to for step in steps for to in step.arrows.values()} - {case.state}
    distances = sorted({near[dest] for dest in reached if dest in near})
    for few, distance, step in product((True, False), distances, steps):
        if any(near.get(dest) == distance for dest in step.arrows.values()):
            for place in range(0, len(_forms(walk, step)), FEW if few else 1):
                if found := _way(walk, step, place, near, distance + 1):
                    return found
    raise AssertionError(f"{case.state} has no way to an end")


def _way(
    walk: Walk, step: Step, place: int, near: Mapping[str, int], nearer_than: int
) -> Request | None:
    """Return the request that hands in a form of this shape; None if it leads not so near."""
    forms = _forms(walk, step)
    if place >= len(forms):
        return None
    dest = step.arrows[step.decide(walk.case, forms[place])]
    leads = dest != walk.case.state and near.get(dest, nearer_than) < nearer_than
    return _request(walk, step, forms[place]) if leads else None


def _request(walk: Walk, step: Step, form: Form) -> Request | None:
    """Return the request that hands a form in; None if something is against it."""
    command, actor = (step.name, form.canonical()), _actor(step)
    attempt = request(f"end-{walk.case.next_seq}", command, actor=actor) if actor else None
    return attempt if attempt and _passes(walk, attempt) else None


def _passes(walk: Walk, attempt: Request) -> bool:
    """Return whether nothing is against it, money paid back already for instance."""
    try:
        walk.process.check_request(walk.case, attempt, walk.now)
    except Refusal:
        return False
    return True


def _forms(walk: Walk, step: Step) -> Sequence[Form]:
    """Return what may be handed in; an answer names the offer that waits for one."""
    if issubclass(step.form, Answer):
        return [step.form(offer=standing_offer(walk.process, walk.case))]
    return [HANDED] if step.form is Assignment else shapes(step.form)


def _actor(step: Step) -> Actor | None:
    if step.by & EVERYTHING.stands_for:
        return EVERYTHING
    if step.by & WORLD:
        return the_world("tell")
    if step.by & CUSTOMER:
        return Actor(kind=ActorKind.CUSTOMER, id="c")
    return None
