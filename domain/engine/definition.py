"""What a kind of case is: its table, checked once at import, and what can be read off it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from math import inf
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue
from transitions import Machine

from domain.case_numbers import is_prefix
from domain.engine.action_forms import Assignment, Prioritising
from domain.engine.case import Case, PriorityOverride
from domain.engine.categories import NO_CATEGORIES, Categories
from domain.engine.checks import refuse_wrong_table
from domain.engine.clock_events import escalation_notices
from domain.engine.imports import (
    Imports,
    clocks_on_the_way,
    place,
    refuse_wrong_imports,
    was_done_elsewhere,
)
from domain.engine.kept_policy import PolicyChange
from domain.engine.machine import machine_of
from domain.engine.merged import MERGED_STATE
from domain.engine.messages import Opening
from domain.engine.rewind.compensation import ProcessHistory, RefundsOf, SpendingOf
from domain.engine.side_tasks import notices_beside
from domain.engine.task_actions import CandidateRulesOf, personal_message
from domain.errors import WrongTable
from domain.language.categories import find_category
from domain.language.clocks import Clock, Target
from domain.language.effects import CUSTOMER, Effect, Notify, as_taken, notify
from domain.language.entries import REQUEST_TYPES, Entry, EntryType
from domain.language.forms import Form
from domain.language.goods import UnitView
from domain.language.playbook import CasePlaybook, case_playbook
from domain.language.roles import WORLD, Actor, Roles
from domain.language.sorting import NO_SORTING, Reason, Sorting
from domain.language.spending import NOTHING, Spending
from domain.language.table import State, Step, WaitsOn
from domain.language.values import Instant, Money
from domain.language.waits import Figure

StepCheck = Callable[[ProcessHistory, Case, Actor, Form, str | None], None]
"""Raises a refusal of the form that this actor hands in, which would lead to that state."""


OtherCases = Sequence[tuple[ProcessHistory, Case]]
OrderCheck = Callable[[ProcessHistory, Case, Actor, Form, str | None, OtherCases], None]
"""The same, seen together with the cases of any kind that have the same order."""

MERGE_NOTICES: Mapping[EntryType, str] = {
    EntryType.MERGED: "merged",
    EntryType.UNMERGED: "unmerged",
}
"""What the customer is told once when two cases became one, and when they are two again."""


@dataclass(frozen=True)
class Approvals:
    """How the kind has amounts approved.

    Args:
        form: an approval of an amount, which `step_check` holds against what a role may decide on.
        by: who approves at all.
    """

    form: Callable[[Money], Form]
    by: Roles


def no_check(
    _process: ProcessHistory, _case: Case, _actor: Actor, _form: Form, _leads_to: str | None
) -> None:
    """Most kinds refuse nothing that the table allows."""


@dataclass(frozen=True)
class Routing:
    """To which other teams the kind gives cases, as their forms say what they are.

    Args:
        team_of: the team that a case calls for; None is the kind's own.
        teams: all that it names, so that they are made and have members.
    """

    team_of: Callable[[Case], str | None]
    teams: Collection[str]


class Facts(BaseModel):
    """What lists and reports want to know of a case, as the kind derives it from its forms."""

    model_config = ConfigDict(frozen=True)

    category: str | None = None
    priority: str | None = None
    severity: str | None = None
    hardness: str | None = None
    measure_due: date | None = None
    """The day on which an improvement measure is due first whose effect nobody checked yet."""


class Rating(BaseModel):
    """What a customer said of how content they are: a word, and 0 to 10 (NPS); and when."""

    model_config = ConfigDict(frozen=True)

    satisfaction: str | None
    nps: int | None
    rated_at: Instant


def no_rating(_case: Case) -> Rating | None:
    """Return None: the kind asks no customer."""
    return None


def no_refunds(_process: ProcessHistory, _case: Case) -> Sequence[Money]:
    """Return nothing: the kind pays nothing back."""
    return ()


def no_spending(_process: ProcessHistory, _case: Case) -> Spending:
    """Return nothing: the kind gives nothing away."""
    return NOTHING


def no_units(_case: Case) -> Sequence[UnitView]:
    """Return nothing: the kind does not look at units of goods."""
    return ()


@dataclass(frozen=True)
class Definition:
    """One version of one kind's process, as its folder writes it.

    Args:
        kind: stable name, also the workflow type's and the folder's.
        prefix: the letters a case number starts with (pinyin: TS, TH, WX, ZX).
        version: of the table; a case keeps the version it was opened with.
        opens_with: the form a case starts from.
        states: the table; the first state is where a case starts.
        team: whose list shows the task until somebody decides otherwise.
        routing: which cases other teams are given; None if the one team has them all.
        supervisors: the roles that are notified when the world refuses a compensation.
        candidate_rules: who works on a case as it stands.
        facts: what its forms say that lists show; `shown_facts` has what people said since.
        rating: what the customer said last of how content they are.
        target_of: the target of a clock for a case; None if the case has no such clock.
        propose: a classification proposed from the opening form, and what its words make of it.
        sorting: what they do, as long as a policy says nothing else.
        overridable_clock: the clock for which a case may be given a limit of its own.
        reply_clock: the clock whose promise is kept by a message that a person writes.
        step_check: what else the kind refuses of a step, before it is taken and never on replay.
        revives_promises: whether a promise that the facts demand again runs from receipt, as if
            known from the start. Tables from before that have False.
        approvals: how an amount above somebody's authority is approved; None if there are none.
        pinned: a clock whose target is held as it is, to see how it would stand.
        units: the units of goods as the case sees them.
        categories: into which its cases are sorted, as its own rules or a case's policy say.
        checks_done: what of the playbook was done; None if the kind's forms do not say.
        figures: its own that a policy may say.
        claims_units: whether a unit of goods is in at most one open case of such kinds.
        refunds: what a case paid back of the price of its order's goods, or is about to.
        spending: what a case gives away, which counts in the ceilings of its order's other cases.
        order_check: what it refuses because of its order's other cases, which only the store knows.
        head_start: by how much sooner than it is due a case stands in lists.
        imports: in which open states it takes over cases of another system.

    Raises:
        WrongTable: at import, when the table contradicts itself.
    """

    kind: str
    prefix: str
    version: int
    opens_with: type[Form]
    states: Sequence[State]
    team: str
    supervisors: Roles
    candidate_rules: CandidateRulesOf
    facts: Callable[[Case], Facts]
    target_of: Callable[[Case, Clock], Target | None]
    propose: Callable[[Form, Sequence[Reason]], dict[str, JsonValue]]
    sorting: Sorting = NO_SORTING
    routing: Routing | None = None
    overridable_clock: Clock | None = None
    reply_clock: Clock | None = None
    step_check: StepCheck = no_check
    revives_promises: bool = True
    approvals: Approvals | None = None
    pinned: Clock | None = None
    rating: Callable[[Case], Rating | None] = no_rating
    units: Callable[[Case], Sequence[UnitView]] = no_units
    categories: Categories = NO_CATEGORIES
    checks_done: Callable[[Case], Collection[str]] | None = None
    figures: Sequence[Figure] = ()
    claims_units: bool = False
    refunds: RefundsOf = no_refunds
    spending: SpendingOf = no_spending
    order_check: OrderCheck | None = None
    head_start: Callable[[Case], timedelta] = lambda _case: timedelta()
    imports: Imports | None = None

    def __post_init__(self) -> None:
        if not is_prefix(self.prefix):
            raise WrongTable(f"{self.kind}: the prefix {self.prefix!r} is not two capital letters")
        refuse_wrong_table(self.kind, self.states)
        refuse_wrong_imports(self.kind, self.imports, self.states)

    def state(self, name: str) -> State:
        """Return the state of this name."""
        return self._states[name]

    def state_of(self, case: Case) -> State:
        """Return the state the case is in."""
        return self._states[case.state]

    def first_state(self, opening: Opening) -> str:
        """Return the name of the state in which a case begins."""
        return opening.imported.state if opening.imported else self.states[0].name.value

    def waits_on(self, case: Case) -> WaitsOn:
        """Return on whom the case waits: on us, once the customer wrote and nobody answered."""
        return WaitsOn.STAFF if case.heard else self.state_of(case).waits_on

    def step_taken(self, case: Case, entry: Entry) -> Step | None:
        """Return the row of the step that made an entry; None if no step of the table made it."""
        before = self._state_before(case, entry)
        if before is None or entry.step is None:
            return None
        return next((step for step in before.steps if step.name == entry.step), None)

    def effects(self, case: Case, entry: Entry) -> list[Effect]:
        """Return what an entry does to the world, in order; the place in it is part of the key.

        What another system did does nothing here: what was due for it, that one did.
        """
        if was_done_elsewhere(case, entry):
            return []
        beside = self._effects_beside(case, entry)
        if beside is not None:
            return beside
        before, state = self._state_before(case, entry), self._states[entry.led_to]
        arrived = list(state.does) if state is not before else []
        step = self.step_taken(case, entry)
        done = step.does if step else ()
        return [*(as_taken(each, by_staff=entry.actor.is_staff) for each in done), *arrived]

    @cached_property
    def reasoned_notices(self) -> Collection[str]:
        """The templates of notices that tell the reason in the form of their entry."""
        does = (each for state in self.states for step in state.steps for each in step.does)
        texts = (each.by_staff for each in does if isinstance(each, Notify))
        return frozenset(text for text in texts if text is not None)

    def _effects_beside(self, case: Case, entry: Entry) -> list[Effect] | None:
        """Return what an entry beside the case's course does; None if it is of the course."""
        if notices := escalation_notices(entry):
            return list(notices)
        if entry.type is EntryType.NOTIFIED:
            return [personal_message()]
        if entry.type is EntryType.CHASED or entry.type in REQUEST_TYPES:
            return list(notices_beside(case.side_tasks, entry, self.supervisors))
        if entry.type in MERGE_NOTICES:
            return [notify(MERGE_NOTICES[entry.type])]
        if entry.type is EntryType.EFFECT_FAILED:
            return [notify("compensation_refused", role) for role in self.supervisors]
        return None

    def that_gives(self, given: Spending) -> Self:
        """Return the process of a case of which only that is known: what it gives."""
        return replace(self, spending=lambda _process, _case: given)

    def that_pins(self, clock: Clock, target: Target | None) -> Self:
        """Return the process with a clock whose target is held as it is."""
        target_of = self.target_of

        def as_held(case: Case, each: Clock) -> Target | None:
            return target if each == clock else target_of(case, each)

        return replace(self, pinned=clock, target_of=as_held)

    def closes(self, name: str) -> bool:
        """Whether a case that comes to this state closes without anybody doing anything more."""
        reached, ahead = set[str](), {name}
        while ahead:
            reached |= ahead
            by_world = [s for at in ahead for s in self._states[at].steps if s.by & WORLD]
            ahead = set[str]().union(*(step.arrows.values() for step in by_world)) - reached
        return any(self._states[each].closed for each in reached)

    def informs_customer(self, case: Case, entry: Entry) -> bool:
        """Whether the customer heard from us by an entry: by a notice, or by a call that told."""
        effects = self.effects(case, entry)
        noticed = any(isinstance(effect, Notify) and effect.to == CUSTOMER for effect in effects)
        before = self._state_before(case, entry)
        told = before is not None and before.call is not None and entry.step == before.call.done
        return noticed or told

    @property
    def teams(self) -> Sequence[str]:
        """All teams that are given cases, the one that has them at first before the others."""
        return (self.team, *(self.routing.teams if self.routing else ()))

    def called_team(self, case: Case) -> str:
        """Return the team that a case calls for, as far as its forms say what it is."""
        return (self.routing.team_of(case) if self.routing else None) or self.team

    def route(self, case: Case, form: Form | None, called_before: str) -> None:
        """Give a case to another team when its newest entry makes it call for one.

        Until then it stays where a person gave it, and where its newest entry says it goes.
        """
        opens = case.last.type is EntryType.OPENED
        named = case.opening.team if opens else isinstance(form, Assignment) and form.team
        if not named and (team := self.called_team(case)) != called_before:
            case.team = team

    def shown_facts(self, case: Case) -> Facts:
        """Return what lists show of a case, with the priority that a person gave it, if one did."""
        facts, own = self.facts(case), case.priority_override
        return facts.model_copy(update={"priority": own.priority}) if own else facts

    def playbook(self, case: Case) -> CasePlaybook | None:
        """Return what is done about a case of its category; None before it has one."""
        facts, done = self.facts(case), self.checks_done(case) if self.checks_done else None
        category = find_category(self.categories.of(case), facts.category)
        return case_playbook(category, facts.severity, done) if category else None

    def apply_facts(self, case: Case, form: Form | None) -> None:
        """Change what people said a case is by its newest entry, or what it was elsewhere."""
        if case.last.type is EntryType.OPENED:
            place(case, self.imports)
        case.priority_override = self._priority_after(case, form)

    def _priority_after(self, case: Case, form: Form | None) -> PriorityOverride | None:
        """Return the priority of its own that a case has after its newest entry."""
        imported = case.opening.imported
        if case.last.type is EntryType.OPENED and imported and imported.priority:
            return PriorityOverride(imported.priority, self.facts(case).priority)
        if isinstance(form, Prioritising):
            return PriorityOverride(form.priority, self.facts(case).priority)
        own = case.priority_override
        if own and isinstance(form, PolicyChange):  # what is classified is what it was
            return PriorityOverride(own.priority, self.facts(case).priority)
        return own if own and own.replaces == self.facts(case).priority else None

    @cached_property
    def forms(self) -> Mapping[str, type[Form]]:
        """Every step's form by the step's name; a step has the same form wherever it stands."""
        return {step.name: step.form for state in self.states for step in state.steps}

    @cached_property
    def steps_to_end(self) -> Mapping[str, float]:
        """How many steps each state is away from the nearest closed one."""
        left = {name: 0 if state.closed else inf for name, state in self._states.items()}
        for _ in self.states:
            for name, state in self._states.items():
                ahead = (left[to] + 1 for step in state.steps for to in step.arrows.values())
                left[name] = min(left[name], *ahead, inf)
        return left

    @cached_property
    def clocks(self) -> Collection[Clock]:
        """The clocks that the table starts."""
        return frozenset(clock for state in self.states for clock in state.starts)

    @cached_property
    def clocks_on_the_way(self) -> Mapping[str, tuple[Clock, ...]]:
        """The clocks that run in each state of a case that came there on the shortest way."""
        return clocks_on_the_way(self.states)

    @cached_property
    def machine(self) -> Machine:
        """The one machine under all cases of this process; only the engine fires it."""
        return machine_of(self.states)

    def _state_before(self, case: Case, entry: Entry) -> State | None:
        """Return the state in which an entry found the case; None for the opening."""
        return self._states[case.entries[entry.seq - 2].led_to] if entry.seq > 1 else None

    @cached_property
    def _states(self) -> Mapping[str, State]:
        return {state.name.value: state for state in (*self.states, MERGED_STATE)}
