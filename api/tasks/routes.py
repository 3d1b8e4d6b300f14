"""`/v1/tasks`: list open tasks; claim, release, assign … one."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel

from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep
from api.http.headers import TaskId, read_task_id
from api.http.paging import TaskQuery
from api.http.security import Caller
from api.steps.schemas import StepResult
from api.steps.submission import ACCEPTED, Submission, SubmissionDep, command_of
from api.tasks.schemas import (
    AnswerBody,
    ApprovalBody,
    RefusalBody,
    Task,
    TaskDetails,
    TaskPage,
    WithdrawalBody,
)
from app.read_tasks import list_tasks as list_open_tasks
from app.read_tasks import read_task
from domain.engine.action_forms import (
    AssignmentRequest,
    Claim,
    Holding,
    Limiting,
    Prioritising,
    Release,
    Resuming,
)
from domain.engine.messages import Command
from domain.engine.side_forms import (
    ANSWER_REQUEST,
    APPROVE_REQUEST,
    DECLINE_REQUEST,
    WITHDRAW_REQUEST,
)
from domain.language.forms import Form

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", operation_id="list_tasks", summary="List open tasks")
async def list_tasks(
    services: ServicesDep,
    cursors: CursorsDep,
    caller: Caller,
    query: Annotated[TaskQuery, Query()],
) -> TaskPage:
    """Return open tasks, what is due soonest first, less its head start.

    Those on hold are left out, unless the query asks for them or for what is due.
    """
    after = cursors.read(caller, query.filters(), query.cursor)
    tasks = await list_open_tasks(
        services, caller, query.scope, query.task_filter(), after, query.limit
    )
    return TaskPage(
        items=[Task.model_validate(task) for task in tasks.items],
        next=cursors.write(caller, query.filters(), tasks.next),
        left_out=tasks.left_out,
    )


@router.get("/{id}", operation_id="get_task", summary="Read a task")
async def get_task(
    locale: LocaleDep, services: ServicesDep, caller: Caller, id: TaskId
) -> TaskDetails:
    """Return the task, its case, and what this caller may do now."""
    number, seq = read_task_id(id)
    task = await read_task(services, caller, number, seq, locale)
    return TaskDetails.model_validate(task)


@router.post("/{id}/claim", operation_id="claim_task", summary="Claim a task", responses=ACCEPTED)
async def claim_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Claim | None, Body()] = None
) -> StepResult:
    """Claim the task. Of two who try at once, one gets it and the other is told who did."""
    return await _submit(submission, id, "claim", form)


@router.post(
    "/{id}/release", operation_id="release_task", summary="Put a task back", responses=ACCEPTED
)
async def release_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Release | None, Body()] = None
) -> StepResult:
    """Give the task back to its candidates."""
    return await _submit(submission, id, "release", form)


@router.post(
    "/{id}/assign", operation_id="assign_task", summary="Hand a task on", responses=ACCEPTED
)
async def assign_task(submission: SubmissionDep, id: TaskId, form: AssignmentRequest) -> StepResult:
    """Assign the task to a colleague, whose roles must fit it."""
    return await _submit(submission, id, "assign", form)


@router.post("/{id}/limit", operation_id="limit_task", summary="Set a limit", responses=ACCEPTED)
async def limit_task(submission: SubmissionDep, id: TaskId, form: Limiting) -> StepResult:
    """Give the case a limit of its own: sooner freely, later only as a manager with a reason."""
    return await _submit(submission, id, "limit", form)


@router.post(
    "/{id}/prioritise",
    operation_id="prioritise_task",
    summary="Set a priority",
    responses=ACCEPTED,
)
async def prioritise_task(submission: SubmissionDep, id: TaskId, form: Prioritising) -> StepResult:
    """Give the case another priority, until it is classified anew. No clock moves."""
    return await _submit(submission, id, "prioritise", form)


@router.post("/{id}/hold", operation_id="hold_task", summary="Put on hold", responses=ACCEPTED)
async def hold_task(submission: SubmissionDep, id: TaskId, form: Holding) -> StepResult:
    """Put the task aside until a moment, 30 days ahead at most. Its clocks run on.

    It comes back by itself then, or before by `resume`; a step that moves the case ends it, too.
    """
    return await _submit(submission, id, "hold", form)


@router.post("/{id}/resume", operation_id="resume_task", summary="Resume", responses=ACCEPTED)
async def resume_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Resuming | None, Body()] = None
) -> StepResult:
    """Resume a task that is on hold."""
    return await _submit(submission, id, "resume", form)


@router.post("/{id}/approve", operation_id="approve_request", summary="Approve", responses=ACCEPTED)
async def approve_request(
    submission: SubmissionDep, id: TaskId, body: Annotated[ApprovalBody | None, Body()] = None
) -> StepResult:
    """Approve the amount that is asked for, or less; nobody approves their own request."""
    return await _answer(submission, id, APPROVE_REQUEST, body)


@router.post("/{id}/decline", operation_id="decline_request", summary="Decline", responses=ACCEPTED)
async def decline_request(submission: SubmissionDep, id: TaskId, body: RefusalBody) -> StepResult:
    """Decline to approve an amount, and say why."""
    return await _answer(submission, id, DECLINE_REQUEST, body)


@router.post("/{id}/answer", operation_id="answer_request", summary="Answer", responses=ACCEPTED)
async def answer_request(submission: SubmissionDep, id: TaskId, body: AnswerBody) -> StepResult:
    """Answer what one's team is asked."""
    return await _answer(submission, id, ANSWER_REQUEST, body)


@router.post(
    "/{id}/withdraw", operation_id="withdraw_request", summary="Take back", responses=ACCEPTED
)
async def withdraw_request(
    submission: SubmissionDep, id: TaskId, body: Annotated[WithdrawalBody | None, Body()] = None
) -> StepResult:
    """Take back a request: whoever asked may, and a lead."""
    return await _answer(submission, id, WITHDRAW_REQUEST, body)


async def _answer(
    submission: Submission, id: str, action: str, body: BaseModel | None
) -> StepResult:
    number, seq = read_task_id(id)
    form = body.model_dump(mode="json", exclude_unset=True) if body else {}
    return await submission.submit(number, Command(step=action, form={**form, "request": seq}))


async def _submit(submission: Submission, id: str, action: str, form: Form | None) -> StepResult:
    number, seq = read_task_id(id)
    return await submission.submit(number, command_of(action, form), task=seq)
