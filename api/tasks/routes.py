"""`/v1/tasks`: what waits for staff; claim a task, put it back, hand it on, put it on hold."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response

from api.http.dependencies import CursorsDep, ServicesDep
from api.http.headers import IdempotencyKey, IfMatch, TaskId, read_task_id
from api.http.paging import DUE, Scope, TaskQuery, read_cursor, write_cursor
from api.http.request_log import locale
from api.http.security import Colleague, Stepper
from api.steps.routes import LATER
from api.steps.schemas import Done, StepBody
from api.tasks.schemas import Handing, TaskPage, WholeTask
from app.authentication import Principal
from app.read_cases import task_lines, whole_task
from app.submit_steps import submit_steps, told
from domain.engine.action_forms import Claim, Holding, Limiting, Release, Resuming
from domain.language.forms import Form
from store.cases.records import TaskFilter
from store.db.clock import utc_now

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", operation_id="list_tasks", summary="List open tasks")
async def list_tasks(
    services: ServicesDep,
    cursors: CursorsDep,
    caller: Colleague,
    asked: Annotated[TaskQuery, Query()],
) -> TaskPage:
    """What is due soonest first; what is on hold if it is asked for, or for what is due."""
    which = _whose(caller, asked)
    filters = {**asdict(which), "due_by": None, **asked.model_dump(include=DUE, mode="json")}
    after = read_cursor(cursors, caller, asked.cursor, filters)
    page = await services.store.tasks.page(caller.tenant, which, after, asked.limit)
    return TaskPage(
        items=await task_lines(services, caller.tenant, page.items),
        next=write_cursor(cursors, caller, page.next, filters),
        left_out=services.corrupt_rows.note("tasks", page.corrupt),
    )


@router.get("/{id}", operation_id="get_task", summary="Read a task")
async def get_task(
    request: Request, services: ServicesDep, caller: Colleague, id: TaskId
) -> WholeTask:
    """The task, its case, and what this caller may do now."""
    number, seq = read_task_id(id)
    return await whole_task(services, caller, number, seq, locale(request))


@router.post("/{id}/claim", operation_id="claim_task", summary="Claim a task", responses=LATER)
async def claim_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Annotated[Claim | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Take the task oneself. Of two who try at once, one gets it, the other hears who did."""
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("claim", form)], headers, response)


@router.post(
    "/{id}/release", operation_id="release_task", summary="Put a task back", responses=LATER
)
async def release_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Annotated[Release | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Put the task back for others."""
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("release", form)], headers, response)


@router.post("/{id}/assign", operation_id="assign_task", summary="Hand a task on", responses=LATER)
async def assign_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Handing,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Hand the task to a colleague, whose roles must fit it."""
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("assign", form)], headers, response)


@router.post("/{id}/limit", operation_id="limit_task", summary="Set a limit", responses=LATER)
async def limit_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Limiting,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Give the case a limit of its own: sooner freely, later only as a manager with a reason."""
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("limit", form)], headers, response)


@router.post("/{id}/hold", operation_id="hold_task", summary="Put on hold", responses=LATER)
async def hold_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Holding,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Put the task aside until a moment, 30 days ahead at most. Its clocks run on.

    It comes back by itself then, or before by `resume`; a step that moves the case ends it, too.
    """
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("hold", form)], headers, response)


@router.post("/{id}/resume", operation_id="resume_task", summary="Resume", responses=LATER)
async def resume_task(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    id: TaskId,
    form: Annotated[Resuming | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Take up a task that is on hold."""
    number, seq = read_task_id(id)
    headers = told(idempotency_key, if_match, seq)
    return await submit_steps(services, caller, number, [_act("resume", form)], headers, response)


def _act(name: str, form: Form | None) -> StepBody:
    sent = form.model_dump(mode="json", exclude_unset=True) if form else {}
    return StepBody(step=name, form=sent)


def _whose(caller: Principal, asked: TaskQuery) -> TaskFilter:
    """Whose tasks; `unassigned` are those that the caller may do."""
    mine: dict[Scope, dict[str, Any]] = {
        Scope.MINE: {"assignee": caller.id},
        Scope.TEAMS: {"teams": caller.teams},
        Scope.UNASSIGNED: {"unassigned": True, "roles": caller.roles},
        Scope.ALL: {},
    }
    filters = asked.model_dump(include={"kind", "stage", "state", "priority"})
    filters |= {"due_by": asked.due_by(utc_now()), "on_hold": asked.on_hold_filter()}
    return TaskFilter(**mine[asked.scope], **filters)
