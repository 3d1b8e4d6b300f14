"""Random walks through a kind's process: anybody tries anything, and time passes."""

from datetime import timedelta
from itertools import islice

from hypothesis import strategies as st

from domain.engine.action_forms import (
    Assignment,
    ClockMode,
    Compensation,
    CompensationMethod,
    Rewinding,
)
from domain.engine.messages import Command, Outcome, Request
from domain.engine.process import Process
from domain.engine.rewind.compensation import (
    EFFECT_DONE,
    EFFECT_FAILED,
    irreversible_effects,
    unanswered_compensation,
)
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal
from domain.language.forms import Form
from domain.language.roles import THE_TIMER, Actor, ActorKind, the_world
from domain.read_models.projection import pending_call
from domain.stories import person, through
from tests.cases.ends import to_an_end
from tests.cases.handed import assignments, forms
from tests.cases.walk import Walk
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


@st.composite
def walks(draw: st.DrawFn, process: Process, longest: int = 12) -> Walk:
    """A walk: the straight way for a while, then up to so many attempts, recorded now and then."""
    by, customer = draw(st.sampled_from([(CHEN, None), (CHEN, "customer-1"), (SHOP, None)]))
    first = opening("TS1", process.kind, by, received_at=NINE, customer=customer)
    walk = Walk(process, process.open(first, NINE))
    for asked in islice(to_an_end(walk), draw(st.integers(0, 9))):
        walk.attempt(asked)
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


def answer(walk: Walk, how: str) -> None:
    """The world answers a compensation, if it was asked for one."""
    if unanswered_compensation(walk.process, walk.case) and (
        asked := pending_call(walk.process, walk.case)
    ):
        walk.process.apply_outcome(
            walk.case, asked, Outcome(step=how, form={"reference": "x"}), walk.now
        )


@st.composite
def sensible(draw: st.DrawFn, walk: Walk) -> Request:
    """A step onwards by somebody who may take it, or an act on the task."""
    steps = [step for step in walk.process.steps(walk.case, walk.now) if step.after is None]
    onwards = [step.name for step in steps if step.name != "withdraw"]
    name = draw(st.sampled_from(onwards * 4 + list(TASK_ACTIONS)))
    form = draw(handed(walk, name))
    may = [actor for actor in CAST if _may(walk, name, form, actor)]
    return request("any", (name, form.canonical()), actor=draw(st.sampled_from(may or CAST)))


@st.composite
def wild(draw: st.DrawFn, walk: Walk) -> Request:
    """One or two commands of any sort by anybody."""
    names = st.sampled_from([*TASK_ACTIONS, *walk.process.forms])
    some = draw(st.lists(names, min_size=1, max_size=2))
    commands = [(name, draw(handed(walk, name)).canonical()) for name in some]
    return request("any", *commands, actor=draw(st.sampled_from(CAST)))


def handed(walk: Walk, name: str) -> st.SearchStrategy[Form]:
    """A form for a step or an act."""
    shape = walk.process.forms.get(name) or TASK_ACTIONS[name][0]
    if shape is Rewinding:
        return rewinds(walk)
    return assignments(STAFF) if shape is Assignment else forms(shape)


@st.composite
def rewinds(draw: st.DrawFn, walk: Walk) -> Form:
    """A way back to some entry, with something for each effect since."""
    to = draw(st.integers(1, walk.case.last.seq))
    hows = st.sampled_from(CompensationMethod)
    made_up = [
        Compensation(effect=each.effect, how=draw(hows), note="as agreed")
        for each in irreversible_effects(walk.process, walk.case, to)
    ]
    clocks = draw(st.sampled_from(ClockMode))
    return Rewinding(to=to, reason="a mistake", clocks=clocks, compensations=tuple(made_up))


def _may(walk: Walk, name: str, form: Form, actor: Actor) -> bool:
    try:
        walk.process.check(walk.case, Command(step=name, form=form.canonical()), actor, walk.now)
    except Refusal:
        return False
    return True
