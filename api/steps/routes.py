"""`/v1/cases/{number}/steps`: take one step, or several at once."""

from typing import Annotated

from fastapi import APIRouter, Body, Path

from api.http.headers import Number
from api.http.schemas import FormData
from api.steps.schemas import StepResult, StepsRequest
from api.steps.submission import ACCEPTED, SubmissionDep
from domain.engine.messages import Command

router = APIRouter(prefix="/v1/cases/{number}/steps", tags=["steps"])

StepName = Annotated[str, Path(max_length=64, description="The step, e.g. `accept`.")]


@router.post("/{step}", operation_id="take_step", summary="Take a step", responses=ACCEPTED)
async def take_step(
    submission: SubmissionDep,
    number: Number,
    step: StepName,
    form: Annotated[FormData | None, Body()] = None,
) -> StepResult:
    """Take one step with its form; if it may not be taken now, nothing changes."""
    return await submission.submit(number, Command(step=step, form=form or {}))


@router.post("", operation_id="take_steps", summary="Take several steps", responses=ACCEPTED)
async def take_steps(submission: SubmissionDep, number: Number, body: StepsRequest) -> StepResult:
    """Take all of the steps, in order, or none of them."""
    commands = [Command(step=each.step, form=each.form) for each in body.steps]
    pointers = [f"/steps/{index}/form" for index in range(len(commands))]
    return await submission.submit(number, *commands, pointers=pointers)
