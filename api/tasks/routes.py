"""`/v1/tasks`: what waits for staff; claim a task, release it, assign it, put it on hold."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep
from api.http.headers import TaskId, read_task_id
from api.http.paging import TaskQuery, read_cursor, write_cursor
from api.http.security import StaffCaller
from api.steps.schemas import Done
from api.steps.submission import LATER, Submission, SubmissionDep, command_of
from api.tasks.schemas import TaskLine, TaskPage, WholeTask
from app.read_tasks import list_tasks as list_open_tasks
from app.read_tasks import read_task
from app.step_forms import AssignmentRequest
from domain.engine.action_forms import Claim, Holding, Limiting, Release, Resuming
from domain.language.forms import Form

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", operation_id="list_tasks", summary="List open tasks")
async def list_tasks(
    services: ServicesDep,
    cursors: CursorsDep,
    caller: StaffCaller,
    query: Annotated[TaskQuery, Query()],
) -> TaskPage:
    """What is due soonest first; what is on hold if it is asked for, or for what is due."""
    after = read_cursor(cursors, caller, query.cursor, query.filters())
    tasks = await list_open_tasks(
        services, caller, query.scope, query.task_filter(), after, query.limit
    )
    return TaskPage(
        items=[TaskLine.model_validate(task) for task in tasks.items],
        next=write_cursor(cursors, caller, tasks.next, query.filters()),
        left_out=tasks.left_out,
    )


@router.get("/{id}", operation_id="get_task", summary="Read a task")
async def get_task(
    locale: LocaleDep, services: ServicesDep, caller: StaffCaller, id: TaskId
) -> WholeTask:
    """The task, its case, and what this caller may do now."""
    number, seq = read_task_id(id)
    task = await read_task(services, caller, number, seq, locale)
    return WholeTask.model_validate(task)


@router.post("/{id}/claim", operation_id="claim_task", summary="Claim a task", responses=LATER)
async def claim_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Claim | None, Body()] = None
) -> Done:
    """Take the task oneself. Of two who try at once, one gets it, the other hears who did."""
    return await _submit(submission, id, "claim", form)


@router.post(
    "/{id}/release", operation_id="release_task", summary="Put a task back", responses=LATER
)
async def release_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Release | None, Body()] = None
) -> Done:
    """Put the task back for others."""
    return await _submit(submission, id, "release", form)


@router.post("/{id}/assign", operation_id="assign_task", summary="Hand a task on", responses=LATER)
async def assign_task(submission: SubmissionDep, id: TaskId, form: AssignmentRequest) -> Done:
    """Hand the task to a colleague, whose roles must fit it."""
    return await _submit(submission, id, "assign", form)


@router.post("/{id}/limit", operation_id="limit_task", summary="Set a limit", responses=LATER)
async def limit_task(submission: SubmissionDep, id: TaskId, form: Limiting) -> Done:
    """Give the case a limit of its own: sooner freely, later only as a manager with a reason."""
    return await _submit(submission, id, "limit", form)


@router.post("/{id}/hold", operation_id="hold_task", summary="Put on hold", responses=LATER)
async def hold_task(submission: SubmissionDep, id: TaskId, form: Holding) -> Done:
    """Put the task aside until a moment, 30 days ahead at most. Its clocks run on.

    It comes back by itself then, or before by `resume`; a step that moves the case ends it, too.
    """
    return await _submit(submission, id, "hold", form)


@router.post("/{id}/resume", operation_id="resume_task", summary="Resume", responses=LATER)
async def resume_task(
    submission: SubmissionDep, id: TaskId, form: Annotated[Resuming | None, Body()] = None
) -> Done:
    """Take up a task that is on hold."""
    return await _submit(submission, id, "resume", form)


async def _submit(submission: Submission, id: str, action: str, form: Form | None) -> Done:
    number, seq = read_task_id(id)
    return await submission.submit(number, command_of(action, form), task=seq)
