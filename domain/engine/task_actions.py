"""What is done with a task rather than with the case: claim, assign, hold …, and who may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.engine.action_forms import (
    Assignment,
    Claim,
    Holding,
    Limiting,
    Notifying,
    Release,
    Resuming,
    Rewinding,
)
from domain.engine.case import Case, Holder
from domain.engine.holds import check_hold
from domain.engine.messages import Opening
from domain.errors import (
    NoCustomer,
    NotACandidate,
    NoTask,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
)
from domain.language.effects import Notify, notify
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import NOBODY, Actor, Roles
from domain.language.table import State, WaitsOn

DESK = "desk"
"""The source of what our own people enter."""

MESSAGE = "message"
"""The template that has no text of its own: what is said stands in the entry."""


def is_nobodys(opening: Opening) -> bool:
    """Whether nobody can be told: our own desk took it in and noted no customer.

    Another system knows whom it brought the case in for, under its own reference.
    """
    return opening.customer is None and opening.source == DESK


def message() -> Notify:
    """The notice that carries such words."""
    return notify(MESSAGE)


def said(entry: Entry) -> str | None:
    """What a person told the customer in this entry, if it is such a one."""
    text = entry.form.get("text") if entry.type is EntryType.NOTIFIED else None
    return text if isinstance(text, str) else None


@dataclass(frozen=True)
class CandidateRules:
    """Who works on a case as it stands: leads may step in, and some roles are left out.

    `without` are the roles for which the case is too hard, or that it should not bother; `raised`
    are the tiers that breaches called in; they may take the task from a holder below them;
    `managers` may give the case more time.
    """

    leads: Roles
    without: Roles = NOBODY
    escalation_tiers: tuple[Roles, ...] = ()
    managers: Roles = NOBODY

    def candidates(self, state: State) -> Roles:
        """The roles the task is offered to: what the steps allow, less those left out."""
        return Roles(state.staff.names - self.without.names)


CandidateRulesOf = Callable[[Case], CandidateRules]

TASK_ACTIONS: dict[str, tuple[type[Form], EntryType]] = {
    "claim": (Claim, EntryType.CLAIMED),
    "release": (Release, EntryType.RELEASED),
    "assign": (Assignment, EntryType.ASSIGNED),
    "limit": (Limiting, EntryType.LIMITED),
    "hold": (Holding, EntryType.HELD),
    "resume": (Resuming, EntryType.RESUMED),
    "notify": (Notifying, EntryType.NOTIFIED),
    "rewind": (Rewinding, EntryType.REWOUND),
}


def check_work(
    case: Case, state: State, actor: Actor, form: Form, candidate_rules: CandidateRules
) -> None:
    """Refuse staff who may not take a step of this case now: it is another's, or too hard.

    Where there is no task (the customer is to answer, the case is closed) anybody whom the step
    allows may write down what the customer says.

    Raises:
        TaskTaken: another person holds it and the actor is no lead.
        NotACandidate: nobody holds it and the actor's roles do not fit.
    """
    if not actor.is_staff or not has_task(state) or _holds(case, actor):
        return
    if case.holder is not None:
        if not actor.stands_for & candidate_rules.leads:
            raise taken(case.holder)
    elif not isinstance(form, Assignment):
        _fits(actor.stands_for, candidate_rules.candidates(state) | candidate_rules.leads, actor.id)


def check_act(
    case: Case,
    state: State,
    actor: Actor,
    form: Form,
    candidate_rules: CandidateRules,
    at: datetime,
) -> None:
    """Refuse an act on the task, or a message to the customer, that may not be done now.

    Raises:
        StepNotAllowed, NoTask, TaskTaken, TaskNotClaimed, NotACandidate, NoCustomer, and for a hold
        OnHold, NotOnHold, HoldPast, HoldTooFar
    """
    if not actor.is_staff:
        raise StepNotAllowed("A task is for staff.", step="task", takes=["staff"])
    if isinstance(form, Notifying):
        _check_message(case, state, actor, candidate_rules)
        return
    if not has_task(state):
        raise NoTask(f"The case is {case.state} and has no open task.", state=case.state)
    if isinstance(form, Claim):
        _check_claim(case, state, actor, candidate_rules)
    else:
        _check_held(case, actor, form, candidate_rules)
        _check_disposal(case, state, actor, candidate_rules)
        check_hold(case.hold, form, at)


def check_assignee(states: Sequence[State], form: Form, candidate_rules: CandidateRules) -> None:
    """Refuse to hand the case to somebody whose roles fit none of the states it may go to."""
    if isinstance(form, Assignment):
        fitting = (
            candidate_rules.candidates(state) | (candidate_rules.leads & state.staff)
            for state in states
        )
        _fits(Roles(frozenset(form.roles)), NOBODY.union(*fitting), form.assignee)


def has_task(state: State) -> bool:
    """Whether the state waits for staff, so that there is exactly one open task."""
    return state.waits_on is WaitsOn.STAFF and not state.closed


def taken(holder: Holder) -> TaskTaken:
    """The refusal that names the winner."""
    since = holder.since.isoformat()
    return TaskTaken(f"{holder.id} has held this task since {since}.", by=holder.id, at=since)


def _check_claim(case: Case, state: State, actor: Actor, candidate_rules: CandidateRules) -> None:
    wanted = candidate_rules.candidates(state)
    fitting = actor.stands_for & wanted
    if case.holder is None:
        _fits(actor.stands_for, wanted | candidate_rules.leads, actor.id)
    elif not fitting or not _outgrown(case.holder, actor, wanted, candidate_rules):
        raise taken(case.holder)


def _outgrown(holder: Holder, actor: Actor, wanted: Roles, candidate_rules: CandidateRules) -> bool:
    """Whether a task may be claimed away: it is too hard for its holder, or was raised."""
    held = Roles(frozenset(holder.roles))
    if actor.id == holder.id:
        return False
    too_hard = not held & (wanted | candidate_rules.leads)
    return too_hard or _rank(actor.stands_for, candidate_rules) > _rank(held, candidate_rules)


def _rank(roles: Roles, candidate_rules: CandidateRules) -> int:
    return max(
        (n for n, tier in enumerate(candidate_rules.escalation_tiers, start=1) if roles & tier),
        default=0,
    )


def _check_held(case: Case, actor: Actor, form: Form, candidate_rules: CandidateRules) -> None:
    """Refuse what needs somebody who holds the task, where nobody does."""
    if case.holder is not None:
        return
    if isinstance(form, Release):
        raise TaskNotClaimed("Nobody holds this task.")
    if isinstance(form, Holding) and not actor.stands_for & candidate_rules.leads:
        raise TaskNotClaimed("Nobody holds this task; claim it, then put it on hold.", why="hold")


def _check_message(case: Case, state: State, actor: Actor, candidate_rules: CandidateRules) -> None:
    """Who may write to the customer: whoever holds the case, and who may step in or might take it.

    There need be no task: a customer may be told something while we wait, and afterwards.
    """
    if is_nobodys(case.opening):
        raise NoCustomer("Nobody knows whose case it is, so nobody can be told.")
    above = candidate_rules.leads | candidate_rules.managers
    if _holds(case, actor) or actor.stands_for & above:
        return
    if case.holder is not None:
        raise taken(case.holder)
    wanted = candidate_rules.candidates(state) | above if has_task(state) else above
    _fits(actor.stands_for, wanted, actor.id)


def _check_disposal(
    case: Case, state: State, actor: Actor, candidate_rules: CandidateRules
) -> None:
    if _holds(case, actor) or actor.stands_for & candidate_rules.leads:
        return
    if case.holder is not None:
        raise taken(case.holder)
    _fits(actor.stands_for, candidate_rules.candidates(state), actor.id)


def _holds(case: Case, actor: Actor) -> bool:
    return case.holder is not None and actor.is_staff and case.holder.id == actor.id


def _fits(roles: Roles, wanted: Roles, who: str) -> None:
    if not roles & wanted:
        raise NotACandidate(
            f"{who} is not a candidate for this task; it takes {wanted}.",
            who=who,
            takes=list(wanted),
        )
