"""What is done with a task rather than with the case: claim, assign, hold …, and who may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.engine.action_forms import (
    Assignment,
    Awaiting,
    Claim,
    Hearing,
    Holding,
    Limiting,
    Notifying,
    Prioritising,
    Release,
    Resuming,
    Rewinding,
)
from domain.engine.case import Case, Holder
from domain.engine.holds import check_hold
from domain.engine.kept_policy import CHANGE_POLICY, PolicyChange, refuse_policy
from domain.engine.merged import BY_CASES, MERGE_ACTIONS
from domain.engine.messages import Opening
from domain.engine.side_forms import ATTACH, SIDE_ACTIONS
from domain.errors import (
    NoCustomer,
    NotACandidate,
    NoTask,
    NotAwaited,
    NotHeard,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
)
from domain.language.effects import Notify, notify
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import CUSTOMER, NOBODY, NOT_STAFF, ROUTER, Actor, Roles
from domain.language.table import State, WaitsOn

CLAIM, RELEASE, RESUME = "claim", "release", "resume"
HEAR, AWAIT = "hear", "await"
TASK_ACTIONS: dict[str, tuple[type[Form], EntryType]] = {
    CLAIM: (Claim, EntryType.CLAIMED),
    RELEASE: (Release, EntryType.RELEASED),
    "assign": (Assignment, EntryType.ASSIGNED),
    "limit": (Limiting, EntryType.LIMITED),
    "prioritise": (Prioritising, EntryType.PRIORITISED),
    "hold": (Holding, EntryType.HELD),
    RESUME: (Resuming, EntryType.RESUMED),
    "notify": (Notifying, EntryType.NOTIFIED),
    "rewind": (Rewinding, EntryType.REWOUND),
    AWAIT: (Awaiting, EntryType.AWAITED),
    HEAR: (Hearing, EntryType.HEARD),
    CHANGE_POLICY: (PolicyChange, EntryType.POLICY_CHANGED),
    **SIDE_ACTIONS,
    **MERGE_ACTIONS,
}
OFFERED_ACTIONS = {
    name: action
    for name, action in TASK_ACTIONS.items()
    if name not in {HEAR, ATTACH, CHANGE_POLICY, *BY_CASES}
}
"""Those that people and systems ask for.

That a customer wrote is told by the message itself, an attachment comes with its content, another
policy is for many cases at once, and what cases tell each other comes of merging them."""

DESK = "desk"
"""The source of what our own people enter."""

MESSAGE = "message"
"""The template that has no text of its own: the text stands in the entry."""


@dataclass(frozen=True)
class CandidateRules:
    """Who works on a case as it stands.

    Args:
        leads: may step in, whoever holds the task.
        without: the roles for which the case is too hard, or that it should not bother.
        escalation_tiers: the tiers that breaches called in, the lowest first; each may take the
            task from a holder below it.
        managers: may give the case more time, and take it back.
    """

    leads: Roles
    without: Roles = NOBODY
    escalation_tiers: tuple[Roles, ...] = ()
    managers: Roles = NOBODY

    def candidates(self, state: State) -> Roles:
        """Return the roles the task is offered to: what the steps allow, less those left out."""
        return Roles(state.workers.names - self.without.names)


CandidateRulesOf = Callable[[Case], CandidateRules]


def has_task(state: State) -> bool:
    """Return whether the state waits for staff, so that there is exactly one open task."""
    return state.waits_on is WaitsOn.STAFF and not state.closed


def has_open_task(case: Case, state: State) -> bool:
    """Return whether there is work for staff: a customer's message that waits is some, too."""
    return has_task(state) or case.heard is not None


def has_no_customer(opening: Opening) -> bool:
    """Return whether nobody can be notified: our own desk took the case in and noted no customer.

    Another system knows whom it brought the case in for, under its own reference.
    """
    return opening.customer is None and opening.source == DESK


def personal_message() -> Notify:
    """Return the notice of what a person writes to the customer."""
    return notify(MESSAGE)


def notified_text(entry: Entry) -> str | None:
    """Return what a person wrote to the customer in this entry; None if it is no such entry."""
    text = entry.form.get("text") if entry.type is EntryType.NOTIFIED else None
    return text if isinstance(text, str) else None


def check_work(case: Case, state: State, actor: Actor, form: Form, rules: CandidateRules) -> None:
    """Refuse staff who may not take a step of this case now: it is another's, or too hard.

    Where there is no task (the customer is to answer, the case is closed) anybody whom the step
    allows may write down what the customer says.

    Raises:
        NotACandidate: the actor's roles do not fit, whoever holds it.
        TaskTaken: another person holds it and the actor is no lead.
    """
    if not actor.is_staff or not has_task(state) or _holds(case, actor):
        return
    if not isinstance(form, Assignment):
        _check_candidate(actor.stands_for, rules.candidates(state) | rules.leads, actor.id)
    if case.holder is not None and not actor.stands_for & rules.leads:
        raise _task_taken(case.holder)


def check_action(
    case: Case, state: State, actor: Actor, form: Form, rules: CandidateRules, at: datetime
) -> None:
    """Refuse a task action, or a message to the customer, that may not be done now.

    Roles come first: whom the task is not for hears neither who holds it nor whether anybody does.

    Raises:
        StepNotAllowed, NoTask, TaskTaken, TaskNotClaimed, NotACandidate, NoCustomer, and for a hold
        OnHold, NotOnHold, HoldPast, HoldTooFar
    """
    if is_returned(actor, form):
        # Also where no task is open: whoever left must not get the next one.
        _check_held(case, actor, form, rules)
        return
    if isinstance(form, Hearing):
        _check_hearing(case, state, actor, at)
        return
    if isinstance(form, Assignment) and actor.stands_for & ROUTER:
        _check_free(case, state)
        check_hold(case.hold, form, at)
        return
    if not actor.is_staff:
        name = next(n for n, (shape, _) in TASK_ACTIONS.items() if isinstance(form, shape))
        raise StepNotAllowed("A task is for staff.", step=name, takes=["staff"])
    _check_of_staff(case, state, actor, form, rules, at)


def _check_of_staff(
    case: Case, state: State, actor: Actor, form: Form, rules: CandidateRules, at: datetime
) -> None:
    if isinstance(form, PolicyChange):
        refuse_policy(case.policy, form, closed=state.closed)
        return
    if isinstance(form, Notifying | Awaiting):
        _check_message(case, state, actor, rules, form)
        return
    if not has_open_task(case, state):
        raise _no_task(case)
    if isinstance(form, Claim):
        _check_claim(case, state, actor, rules)
        return
    candidates = rules.candidates(state)
    _check_holder_or_lead(case, actor, candidates, rules.leads, insiders=candidates)
    _check_held(case, actor, form, rules)
    check_hold(case.hold, form, at)


def check_assignee(states: Sequence[State], form: Form, rules: CandidateRules) -> None:
    """Refuse to assign the case to somebody whose roles fit none of the states it may go to.

    Raises:
        NotACandidate
    """
    if isinstance(form, Assignment):
        fitting = (rules.candidates(state) | (rules.leads & state.workers) for state in states)
        _check_candidate(Roles(frozenset(form.roles)), NOBODY.union(*fitting), form.assignee)


def _check_free(case: Case, state: State) -> None:
    """Refuse to assign by rule what needs nobody, or what somebody has.

    Raises:
        NoTask, TaskTaken
    """
    if not has_open_task(case, state):
        raise _no_task(case)
    if case.holder is not None:
        raise _task_taken(case.holder)


def _check_hearing(case: Case, state: State, actor: Actor, at: datetime) -> None:
    """Refuse to note a customer's message that changes nothing: the case does not wait for it.

    A closed case waits for one as long as the customer may reopen it.
    """
    if actor.is_staff:
        raise StepNotAllowed("A customer's message is not for staff.", step=HEAR, takes=["system"])
    awaited = _reopens(case, state, at) if state.closed else state.waits_on is WaitsOn.CUSTOMER
    if not awaited or case.heard is not None:
        raise NotAwaited(f"The case is {case.state} and waits for no message.", state=case.state)


def _reopens(case: Case, state: State, at: datetime) -> bool:
    """Return whether a customer may open a closed case again at this moment."""
    spent = at - case.since if case.since else timedelta()
    own = (each for each in state.steps if each.by & CUSTOMER and not each.reports)
    return any(each.until is not None and spent < each.until.of(case) for each in own)


def _check_claim(case: Case, state: State, actor: Actor, rules: CandidateRules) -> None:
    candidates = rules.candidates(state)
    _check_candidate(actor.stands_for, candidates | rules.leads, actor.id)
    if case.holder is None:
        return
    if not actor.stands_for & candidates or not _may_take_over(
        case.holder, actor, candidates, rules
    ):
        raise _task_taken(case.holder)


def _may_take_over(holder: Holder, actor: Actor, candidates: Roles, rules: CandidateRules) -> bool:
    """Whether a task may be claimed away: it is too hard for its holder, or was escalated."""
    if actor.id == holder.id:
        return False
    holders_roles = Roles(frozenset(holder.roles))
    too_hard = not holders_roles & (candidates | rules.leads)
    return too_hard or _tier(actor.stands_for, rules) > _tier(holders_roles, rules)


def _tier(roles: Roles, rules: CandidateRules) -> int:
    tiers = enumerate(rules.escalation_tiers, start=1)
    return max((number for number, tier in tiers if roles & tier), default=0)


def is_returned(actor: Actor, form: Form) -> bool:
    """Say whether the router takes the case from somebody who may no longer hold it."""
    return isinstance(form, Release) and bool(actor.stands_for & ROUTER)


def _check_held(case: Case, actor: Actor, form: Form, rules: CandidateRules) -> None:
    """Refuse what needs somebody who holds the task, where nobody does."""
    if case.holder is not None:
        return
    if isinstance(form, Release):
        raise TaskNotClaimed("Nobody holds this task.")
    if isinstance(form, Holding) and not actor.stands_for & rules.leads:
        raise TaskNotClaimed("Nobody holds this task; claim it, then put it on hold.", why="hold")


def check_insider(case: Case, state: State, actor: Actor, rules: CandidateRules) -> None:
    """Refuse anybody who neither holds the case nor might take it; no task is needed for that.

    Raises:
        NotACandidate, TaskTaken
    """
    above = rules.leads | rules.managers
    steps = NOBODY.union(*(step.by for step in state.steps))
    insiders = Roles(steps.names - NOT_STAFF.names) | above
    candidates = rules.candidates(state) | above if has_open_task(case, state) else above
    _check_holder_or_lead(case, actor, candidates, above, insiders=insiders)


def _check_message(
    case: Case, state: State, actor: Actor, rules: CandidateRules, form: Form
) -> None:
    """Refuse a message to the customer by somebody who neither holds the case nor might take it.

    A customer may be told something while we wait, and afterwards.
    """
    check_insider(case, state, actor, rules)
    if isinstance(form, Awaiting):
        if case.heard is None:
            raise NotHeard("No message of the customer's waits for an answer.")
    elif has_no_customer(case.opening):
        raise NoCustomer("Nobody knows whose case it is, so nobody can be told.")


def _check_holder_or_lead(
    case: Case, actor: Actor, candidates: Roles, above: Roles, *, insiders: Roles
) -> None:
    """Refuse anybody but the holder and those above; where nobody holds it, but the candidates.

    Only insiders hear who holds it.
    """
    if _holds(case, actor) or actor.stands_for & above:
        return
    fitting = candidates if case.holder is None else insiders
    _check_candidate(actor.stands_for, fitting, actor.id)
    if case.holder is not None:
        raise _task_taken(case.holder)


def _holds(case: Case, actor: Actor) -> bool:
    return case.holder is not None and actor.is_staff and case.holder.id == actor.id


def _no_task(case: Case) -> NoTask:
    return NoTask(f"The case is {case.state} and has no open task.", state=case.state)


def _task_taken(holder: Holder) -> TaskTaken:
    """Return the refusal that names the holder."""
    since = holder.since.isoformat()
    return TaskTaken(f"{holder.id} has held this task since {since}.", by=holder.id, at=since)


def _check_candidate(roles: Roles, candidates: Roles, who: str) -> None:
    if not roles & candidates:
        raise NotACandidate(
            f"{who} is not a candidate for this task; it takes {candidates}.",
            who=who,
            takes=list(candidates),
        )
