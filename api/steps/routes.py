"""`/v1/cases/{number}/steps`: take one step, or several at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response

from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, IfMatch, Number
from api.http.schemas import FormBody
from api.http.security import Stepper
from api.steps.schemas import Done, StepBody, StepsBody
from app.submit_steps import submit_steps, told

router = APIRouter(prefix="/v1/cases/{number}/steps", tags=["steps"])

StepName = Annotated[str, Path(max_length=64, description="The step, e.g. `accept`.")]
LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": Done, "description": "Accepted and durable, not yet recorded."}
}


@router.post("/{step}", operation_id="take_step", summary="Take a step", responses=LATER)
async def take_step(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    step: StepName,
    form: Annotated[FormBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Hand in the form of one step. Refused without a trace when the step may not be taken now."""
    asked = StepBody.model_construct(step=step, form=form or {})
    return await submit_steps(
        services, caller, number, [asked], told(idempotency_key, if_match), response
    )


@router.post("", operation_id="take_steps", summary="Take several steps", responses=LATER)
async def take_steps(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    body: StepsBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Take all of the steps, in order, or none of them."""
    pointers = [f"/steps/{index}/form" for index in range(len(body.steps))]
    headers = told(idempotency_key, if_match)
    return await submit_steps(services, caller, number, body.steps, headers, response, pointers)
