"""Text that would do something if a page took it for markup, in everything that people write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import product
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cases import CURRENT, stories_of
from cases.common.offers import Answer, standing_offer
from cases.common.policy import published_policies
from cases.common.roles import STAFF_ROLES
from domain.engine.action_forms import ClockMode, Compensation, CompensationMethod, Rewinding
from domain.engine.case import Case
from domain.engine.kept_policy import PolicyChange
from domain.engine.merged import MERGE, UNMERGE, Merging, Unmerging
from domain.engine.messages import Outcome, Request
from domain.engine.process import Process
from domain.engine.rewind.compensation import irreversible_effects
from domain.engine.task_actions import AWAIT, HEAR, TASK_ACTIONS
from domain.errors import Refusal
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.read_models.projection import pending_call
from domain.stories import Story, opening_for, pass_time, requests, through
from tests.cases.form_strategies import shapes
from tests.cases.random_walks import CAST, EVERYTHING
from tests.support.cases import new_number
from tests.support.cases import request as asking

SIGN: Final = "data-evil"
"""An attribute that no element of ours has."""
NAME: Final = (
    f"王<img src=x onerror=alert(1) {SIGN}>\"><script {SIGN}>alert(1)</script>' {SIGN}=1 "
    "{{7*7}}</title></textarea>"
)
"""A name with markup: one line of not too many characters."""
TEXT: Final = (
    f"{NAME}\n<b {SIGN} hx-get=/evil hx-trigger=load>x</b><a href=javascript:alert(1) {SIGN}>y</a>"
    f"<hx-partial hx-target=body {SIGN}>z</hx-partial>\u202e]]> --></script><svg {SIGN} "
    "onload=alert(1)>&lt;i data-evil&gt; &#x3c; %(who)s %s {% raw %} ${7*7}"
)
"""A text with markup for each place where a page may put it."""
CODE: Final = "javascript:alert"
"""What an order or a product may be called, and no address of ours is."""
ACTION_OF: Final = {type: name for name, (_, type) in TASK_ACTIONS.items()}

POLICY_TEXT: Final = (PolicyChange, "document")
"""A field with a text that a program read before it wrote it: nobody hands it in as they like."""

Place = tuple[str, str]
"""A form of a step or an action, by its name, and a field of it. Kinds share some."""


@dataclass
class Written:
    """Cases in whose every text is markup, and the places where it is."""

    cases: list[tuple[Process, Case]] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)

    def add(self, process: Process, case: Case) -> None:
        """Note a case."""
        self.cases.append((process, case))
        self.places |= {place for entry in case.entries for place in _places(process, entry)}

    def of(self, process: Process) -> list[Case]:
        """Return the cases of a kind, the newest first."""
        return [case for each, case in reversed(self.cases) if each is process]


def write_everywhere(customer: str) -> Written:
    """Play every story of every kind with markup in it; then what people write in none of them."""
    written = Written()
    for kind, process in CURRENT.items():
        played = [_play(process, story, customer) for story in stories_of(kind)]
        for case in played:
            written.add(process, case)
        written.add(process, _taken_back(process, max(played, key=lambda case: case.last.seq)))
        written.add(process, _merged_for_a_time(process, played[0]))
    for process in CURRENT.values():
        for name, shape in _forms(process).items():
            missing = _fields(shape) - written.places
            if missing and (on := _one_on(process, written.of(process), name)):
                written.add(process, on)
    return written


def every_place() -> set[Place]:
    """Return where people may write text in cases."""
    shapes = [shape for process in CURRENT.values() for shape in _forms(process).values()]
    return {place for shape in shapes for place in _fields(shape)}


def _fields(shape: type[Form]) -> set[Place]:
    return {(shape.__qualname__, name) for name in text_fields(shape)}


@cache
def text_fields(shape: type[Form]) -> list[str]:
    """Return the fields of a form in which people write any text."""
    return [
        name
        for name in shape.model_fields
        if (shape, name) != POLICY_TEXT and any(_with(f, name) for f in shapes(shape))
    ]


def _forms(process: Process) -> Mapping[str, type[Form]]:
    """Return the forms that people hand in."""
    steps = [step for state in process.states for step in state.steps if step.after is None]
    actions = {name: shape for name, (shape, _) in TASK_ACTIONS.items() if name != "rewind"}
    return {step.name: step.form for step in steps if step.by & STAFF_ROLES} | actions


@cache
def _may_be_text(shape: type[Form], name: str) -> bool:
    """Say whether a field by itself takes any text: of the others no form needs to be tried."""
    try:
        TypeAdapter(shape.model_fields[name].rebuild_annotation()).validate_python(TEXT)
    except ValidationError:
        return False
    return True


def _with(form: Form, name: str) -> Form | None:
    """Return a form with markup in a field; None if that takes none."""
    if not _may_be_text(type(form), name):
        return None
    try:
        changed = type(form).model_validate({**form.canonical(), name: TEXT})
    except ValidationError:
        return None
    return changed if changed.canonical().get(name) == TEXT else None


def _poisoned(form: Form, *, more: bool) -> Form:
    """Return a form with markup in each of its texts; with `more` also in those left empty."""
    for name in type(form).model_fields:
        if more or form.canonical().get(name):
            form = _with(form, name) or form
    return form


def _places(process: Process, entry: Entry) -> list[Place]:
    step = entry.step or ACTION_OF.get(entry.type, "")
    shape = _forms(process).get(step)
    return [(shape.__qualname__, n) for n, v in entry.form.items() if shape and v == TEXT]


def _play(process: Process, story: Story, customer: str) -> Case:
    """Play a story; where markup in what it leaves empty is refused, that stays empty."""
    opening = opening_for(process, story, new_number(process.prefix), customer)
    more = {"customer": customer, "order": CODE, "product": "//evil.test"}
    form = _poisoned(story.opens, more=True).canonical()
    opened = opening.model_copy(update={**more, "form": form})
    case = process.open(opened, story.entered or story.received)
    for act, request in requests(story):
        pass_time(process, case, act.at)
        for extra in (True, False):
            commands = [
                (name, _poisoned(form, more=extra).canonical()) for name, form in act.commands
            ]
            attempt = asking(request.id, *commands, actor=request.actor)
            if (moved := _attempt(process, case, attempt, act.at)) is not None:
                case = moved
                break
    return case


def _attempt(process: Process, case: Case, request: Request, at: datetime) -> Case | None:
    trial = case.copy()
    try:
        process.check_request(case, request, at)
    except Refusal:
        return None
    process.apply_request(trial, request, at)
    return trial


def _one_on(process: Process, cases: Sequence[Case], name: str) -> Case | None:
    """Return a beginning of one of the cases with a step behind it that somebody took there."""
    shape = _forms(process)[name]
    for case in cases:
        for length in range(len(case.entries), 0, -1):
            part = process.fold(case.opening, case.entries[:length])
            if name == AWAIT:
                part = _heard(process, part)
            if name in {*TASK_ACTIONS, *(step.name for step in process.state_of(part).steps)}:
                for form, actor in product(
                    _shapes(process, part, shape), (EVERYTHING, part.last.actor)
                ):
                    request = asking("on", (name, form.canonical()), actor=actor)
                    moved = _attempt(process, part, request, part.last.at)
                    if moved and any(
                        _places(process, each) for each in moved.entries[part.last.seq :]
                    ):
                        return moved
    return None


def _heard(process: Process, case: Case) -> Case:
    """Return the case after its customer wrote, if it waits for that."""
    form = {"message": "co-1", "written_at": case.last.at.isoformat()}
    request = asking("heard", (HEAR, form), actor=through(case.opening.source))
    return _attempt(process, case, request, case.last.at) or case


def _shapes(process: Process, case: Case, shape: type[Form]) -> Iterator[Form]:
    if issubclass(shape, Answer):
        yield _poisoned(shape(offer=standing_offer(process, case)), more=True)
        return
    if issubclass(shape, PolicyChange):
        others = (each.version for each in published_policies())
        yield from (
            shape(policy=each, reason=TEXT) for each in others if each != case.policy.version
        )
        return
    for form in shapes(shape):
        yield _poisoned(form, more=True)


def _merged_for_a_time(process: Process, case: Case) -> Case:
    """Return a new case like this one that was merged, and then again was not."""
    at = case.entries[0].at
    numbered = case.opening.model_copy(update={"number": new_number(process.prefix), "goods": ()})
    case = process.open(numbered, at)
    forms = (
        (MERGE, Merging(into=new_number(process.prefix), reason=TEXT)),
        (UNMERGE, Unmerging(reason=TEXT)),
    )
    for name, form in forms:
        asked = asking(name, (name, form.canonical()), actor=EVERYTHING)
        process.apply_request(case, asked, case.last.at)
        if call := pending_call(process, case):
            process.apply_outcome(case, call, Outcome(step=call.done), case.last.at)
    return case


def _taken_back(process: Process, case: Case) -> Case:
    """Return a case that was taken back, with a reason and a note for each effect."""
    made_up = tuple(
        Compensation(effect=each.effect, how=CompensationMethod.BY_HAND, note=TEXT)
        for each in irreversible_effects(process, case, 1)
    )
    form = Rewinding(to=1, reason=TEXT, clocks=ClockMode.GO_ON, compensations=made_up)
    for actor in (EVERYTHING, *CAST):
        request = asking("back", ("rewind", form.canonical()), actor=actor)
        if moved := _attempt(process, case, request, case.last.at):
            return moved
    return case
