"""Requests beside a case's own task as pages, lists and the past show them."""

from collections.abc import Mapping
from typing import Any, Final

from domain.engine.case import Case
from domain.engine.messages import Message
from domain.engine.process import Process
from domain.engine.side_forms import (
    ANSWER_REQUEST,
    APPROVE_REQUEST,
    DECLINE_REQUEST,
    ApprovalRequest,
    AssistanceAnswer,
    AssistanceRequest,
    RequestApproval,
    RequestRefusal,
    RequestWithdrawal,
)
from domain.engine.side_task_checks import deciders, team_candidate
from domain.engine.side_tasks import SideSort, SideTask
from domain.language.entries import Entry, EntryType
from domain.language.values import Instant, Money

STEPS: Final[Mapping[SideSort, tuple[str, ...]]] = {
    SideSort.APPROVAL: (APPROVE_REQUEST, DECLINE_REQUEST),
    SideSort.ASSISTANCE: (ANSWER_REQUEST,),
}
"""What is done with each sort of request by whoever it is for."""


class SideTaskView(Message):
    """A request to others, and what became of it; `seq` is the entry that made it.

    `words` are the reason or the question, `answer` what was said to it. `granted` is the amount
    that was approved. `overdue`: its limit passed while it waited.
    """

    seq: int
    id: str
    sort: SideSort
    state: str
    asked_by: str
    asked_at: Instant
    words: str
    amount: Money | None
    team: str | None
    candidates: tuple[str, ...]
    due_at: Instant | None
    overdue: bool
    assignee: str | None
    answered_by: str | None
    answered_at: Instant | None
    answer: str
    granted: Money | None


def side_task_views(process: Process, case: Case) -> list[SideTaskView]:
    """Return the requests of a case, settled ones too, the oldest first."""
    return [_view(process, case, task) for task in case.side_tasks.values()]


def side_task_fields(process: Process, case: Case, seq: int) -> dict[str, Any]:
    """Return the fields of a request's task that differ from those of a case's own task."""
    task = case.side_tasks[seq]
    fields: dict[str, Any] = {
        "steps": STEPS[task.sort],
        "team": task.team or case.team,
        "due_at": task.due_at,
        "request": task.sort.value,
        "asked_by": task.by,
        "candidates": candidates(process, case, task),
        "leads": (),
        "assignee": task.holder,
    }
    if (settled := task.settled) is not None:
        by = settled.actor.id
        fields |= {"done_at": settled.at, "done_by": by, "assignee": by, "candidates": ()}
    return fields


def candidates(process: Process, case: Case, task: SideTask) -> tuple[str, ...]:
    """Return whom a request is offered to: a team, or the roles whose word covers its amount."""
    if isinstance(task.form, AssistanceRequest):
        return (team_candidate(task.form.team),)
    return tuple(deciders(process, case, task.form))


def _view(process: Process, case: Case, task: SideTask) -> SideTaskView:
    form, settled = task.form, task.settled
    return SideTaskView(
        seq=task.seq,
        id=f"{case.opening.number}-{task.seq}",
        sort=task.sort,
        state=task.state.value,
        asked_by=task.by,
        asked_at=task.at,
        words=form.reason if isinstance(form, ApprovalRequest) else form.question,
        amount=form.amount if isinstance(form, ApprovalRequest) else None,
        team=task.team,
        candidates=candidates(process, case, task) if task.open else (),
        due_at=task.due_at,
        overdue=task.overdue,
        assignee=task.holder,
        answered_by=settled.actor.id if settled else None,
        answered_at=settled.at if settled else None,
        answer=_answer(settled) if settled else "",
        granted=task.granted,
    )


def _answer(settled: Entry) -> str:
    """Return what was said when a request was settled; nothing if it lapsed."""
    match settled.type:
        case EntryType.REQUEST_APPROVED:
            return RequestApproval.lenient(settled.form).note
        case EntryType.REQUEST_DECLINED:
            return RequestRefusal.lenient(settled.form).reason
        case EntryType.REQUEST_ANSWERED:
            return AssistanceAnswer.lenient(settled.form).answer
        case EntryType.REQUEST_WITHDRAWN:
            return RequestWithdrawal.lenient(settled.form).reason
    return ""
