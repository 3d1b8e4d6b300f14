"""Who may ask others for something beside the case's own task, and who may answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from domain.engine.attachments import check_attachment
from domain.engine.case import Case
from domain.engine.definition import Approvals, OrderCheck, StepCheck
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.side_forms import (
    SIDE_ACTIONS,
    ApprovalRequest,
    AssistanceAnswer,
    AssistanceRequest,
    Attachment,
    ByMember,
    Chase,
    OnRequest,
    RequestApproval,
    RequestClaim,
    RequestRefusal,
    RequestRelease,
    RequestWithdrawal,
)
from domain.engine.side_tasks import SideSort, SideTask, task_of
from domain.engine.target_override import FARTHEST_LIMIT
from domain.engine.task_actions import CandidateRules, check_insider
from domain.errors import (
    LimitPast,
    LimitTooFar,
    MoreThanRequested,
    NoApprovals,
    NoSuchRequest,
    NotACandidate,
    NoTask,
    NothingToChase,
    NotInTeam,
    OwnRequest,
    Refusal,
    RequestSettled,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
    TooManyRequests,
)
from domain.language.entries import Entry, EntryType
from domain.language.forms import Form
from domain.language.roles import NOBODY, Actor, ActorKind, Roles
from domain.language.spending import Spending
from domain.language.table import State
from domain.language.values import Money

MOST_OPEN: Final = 10
"""How many requests of a case may be open at a time (ours)."""


class SideProcess(ProcessHistory, Protocol):
    """What requests need of a process: what the kind says of amounts, and who works on it."""

    @property
    def approvals(self) -> Approvals | None: ...

    @property
    def step_check(self) -> StepCheck: ...

    @property
    def states(self) -> Sequence[State]: ...

    @property
    def order_check(self) -> OrderCheck | None: ...

    def that_gives(self, given: Spending) -> ProcessHistory: ...


def granted_amounts(case: Case) -> list[tuple[Entry, Money]]:
    """Return the amounts that were approved as requests, each with its entry.

    What a rewind has taken back is not among them.
    """
    return [
        (entry, task.granted)
        for entry in case.effective_entries()
        if entry.type is EntryType.REQUEST_APPROVED
        and (task := task_of(case.side_tasks, entry)) is not None
        and task.granted is not None
    ]


def team_candidate(team: str) -> str:
    """Return how a task names a team that it is offered to, where others name a role."""
    return f"team:{team}"


def deciders(process: SideProcess, case: Case, asked: ApprovalRequest) -> Roles:
    """Return the roles whose word covers an amount; of nobody if the kind approves none.

    What the other cases of the order gave when it was asked counts, as it does for the decision.
    """

    def covers(name: str) -> bool:
        somebody = Actor(kind=ActorKind.STAFF, id="-", roles=(name,))
        try:
            _check_covered(process, case, somebody, asked, asked.amount)
        except Refusal:
            return False
        return True

    by = process.approvals.by if process.approvals else NOBODY
    return Roles(frozenset(name for name in by if covers(name)))


def check_side_action(
    process: SideProcess,
    case: Case,
    state: State,
    actor: Actor,
    form: Form,
    rules: CandidateRules,
    at: datetime,
) -> None:
    """Refuse a chase, a request to others, or what is done with one, that may not be done now.

    Raises:
        StepNotAllowed, NoTask, NothingToChase, NotACandidate, TaskTaken, TaskNotClaimed, OwnRequest
        NotInTeam, NoSuchRequest, RequestSettled, NoApprovals, TooManyRequests, MoreThanRequested
        LimitPast, LimitTooFar, TooManyAttachments
    """
    if isinstance(form, Attachment):
        check_attachment(case, actor)
        return
    if isinstance(form, Chase):
        _check_chase(process, state, actor, rules)
        return
    if not actor.is_staff:
        name = next(n for n, (shape, _) in SIDE_ACTIONS.items() if isinstance(form, shape))
        raise StepNotAllowed("A request is for staff.", step=name, takes=["staff"])
    if isinstance(form, OnRequest):
        _check_on_request(process, case, actor, form, rules)
        return
    if state.closed:
        raise NoTask(f"The case is {case.state} and has no open task.", state=case.state)
    check_insider(case, state, actor, rules)
    if isinstance(form, ApprovalRequest | AssistanceRequest):
        _check_asked(process, case, form, at)


def check_authority(process: SideProcess, case: Case, actor: Actor, form: Form) -> None:
    """Refuse to take or decide on a request for an amount that the actor's word does not cover.

    As for steps this is asked of new commands only, never on replay.

    Raises:
        the kind's own refusal of the amount
    """
    if not isinstance(form, RequestClaim | RequestApproval | RequestRefusal):
        return
    task = case.side_tasks[form.request]
    if isinstance(task.form, ApprovalRequest):
        amount = form.amount if isinstance(form, RequestApproval) else None
        _check_covered(process, case, actor, task.form, amount or task.form.amount)


def approval_given(process: SideProcess, case: Case, form: Form) -> Form | None:
    """Return the approval that somebody gives who was asked for it; None if the form gives none."""
    if not isinstance(form, RequestApproval) or process.approvals is None:
        return None
    asked = case.side_tasks[form.request].form
    amount = form.amount or (asked.amount if isinstance(asked, ApprovalRequest) else None)
    return process.approvals.form(amount) if amount else None


def _check_covered(
    process: SideProcess, case: Case, actor: Actor, asked: ApprovalRequest, amount: Money
) -> None:
    if process.approvals is None:
        return
    approval = process.approvals.form(amount)
    process.step_check(process, case, actor, approval, None)
    if asked.elsewhere and process.order_check is not None:
        others = process.that_gives(asked.spent_elsewhere)
        process.order_check(process, case, actor, approval, None, [(others, case)])


def _check_chase(process: SideProcess, state: State, actor: Actor, rules: CandidateRules) -> None:
    """Refuse to chase a case that is over, and anybody on the staff who has no part in its kind."""
    if state.closed:
        raise NothingToChase("The case is concluded; reopen it, or start a new one.")
    takes = NOBODY.union(*(each.staff for each in process.states)) | rules.leads | rules.managers
    if actor.is_staff and not actor.stands_for & takes:
        raise StepNotAllowed(f"To chase is for {takes}.", step="chase", takes=[*takes])
    if not actor.is_staff and actor.kind not in {ActorKind.SYSTEM, ActorKind.CUSTOMER}:
        raise StepNotAllowed("Time and the world chase nobody.", step="chase", takes=[*takes])


def _check_asked(
    process: SideProcess, case: Case, form: ApprovalRequest | AssistanceRequest, at: datetime
) -> None:
    if isinstance(form, ApprovalRequest) and process.approvals is None:
        raise NoApprovals("Cases of this kind pay nothing that anybody would approve.")
    if len(case.open_side_tasks) >= MOST_OPEN:
        raise TooManyRequests(
            f"The case has {MOST_OPEN} open requests; let one be answered first, or take it back.",
            most=MOST_OPEN,
        )
    if form.due_at is None:
        return
    limit = form.due_at.isoformat()
    if form.due_at <= at:
        raise LimitPast("A request must be due in the future.", limit=limit)
    if form.due_at > at + FARTHEST_LIMIT:
        raise LimitTooFar("A request is due within a year.", limit=limit)


def _check_on_request(
    process: SideProcess, case: Case, actor: Actor, form: OnRequest, rules: CandidateRules
) -> None:
    task, leads = _open_task(case, form.request), rules.leads | rules.managers
    if isinstance(form, RequestWithdrawal):
        if actor.id != task.by and not actor.stands_for & leads:
            raise StepNotAllowed(
                f"{task.by} asked; a lead may take it back, too.",
                step="withdraw_request",
                takes=[*leads],
            )
        return
    if isinstance(form, RequestRelease):
        if task.holder is None:
            raise TaskNotClaimed("Nobody holds this request.")
        if task.holder != actor.id and not actor.stands_for & leads:
            raise _taken(case, task)
        return
    _check_sort(task, form)
    _check_answerer(process, task, actor, form)
    if task.holder is not None and (task.holder != actor.id or isinstance(form, RequestClaim)):
        raise _taken(case, task)
    if isinstance(form, RequestApproval):
        _check_granted(task, form)


def _open_task(case: Case, seq: int) -> SideTask:
    task = case.side_tasks.get(seq)
    if task is None:
        numbers: Any = [each.seq for each in case.open_side_tasks]
        raise NoSuchRequest(f"The case has no request {seq}.", request=seq, open=numbers)
    if task.settled is not None:
        by, at = task.settled.actor.id, task.settled.at.isoformat()
        raise RequestSettled(
            f"{by} was first, at {at}: the request is {task.state}.",
            request=seq,
            state=task.state.value,
            by=by,
            at=at,
        )
    return task


def _check_sort(task: SideTask, form: OnRequest) -> None:
    """Refuse to decide on a question, and to answer an amount with words."""
    sort = _ANSWERS.get(type(form))
    if sort is not None and sort is not task.sort:
        raise NoSuchRequest(
            f"The request {task.seq} is one for {task.sort}, not for {sort}.",
            request=task.seq,
            sort=task.sort.value,
            why="sort",
        )


def _check_answerer(process: SideProcess, task: SideTask, actor: Actor, form: OnRequest) -> None:
    """Refuse an answer by whoever asked (four eyes), and by whoever is not asked."""
    if actor.id == task.by:
        raise OwnRequest("Nobody answers a request of their own.", by=actor.id)
    if task.team is not None:
        if not isinstance(form, ByMember) or task.team not in form.teams:
            raise NotInTeam(f"The request is for the team {task.team}.", team=task.team)
        return
    takes = process.approvals.by if process.approvals else NOBODY
    if not actor.stands_for & takes:
        raise NotACandidate(
            f"{actor.id} is not a candidate for this task; it takes {takes}.",
            who=actor.id,
            takes=[*takes],
        )


def _check_granted(task: SideTask, form: RequestApproval) -> None:
    """Refuse to approve more than was asked for, or in another currency."""
    asked, granted = getattr(task.form, "amount", None), form.amount
    if asked is None or granted is None:
        return
    if granted.currency != asked.currency or granted.amount > asked.amount:
        raise MoreThanRequested(
            f"{asked} was asked for, so {granted} cannot be approved.",
            amount=str(granted),
            asked=str(asked),
        )


def _taken(case: Case, task: SideTask) -> TaskTaken:
    """Return the refusal that names who took the request on themselves."""
    claims = (e for e in case.entries if e.type is EntryType.REQUEST_CLAIMED)
    since = max(e.at for e in claims if e.form.get("request") == task.seq).isoformat()
    return TaskTaken(f"{task.holder} has held this task since {since}.", by=task.holder, at=since)


_ANSWERS: Mapping[type[Form], SideSort] = {
    RequestApproval: SideSort.APPROVAL,
    RequestRefusal: SideSort.APPROVAL,
    AssistanceAnswer: SideSort.ASSISTANCE,
}
"""What each sort of answer answers."""
