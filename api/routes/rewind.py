"""`/v1/cases/{number}/rewind`: what it would take to take a case back, and doing it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import Answer, Done
from api.bodies import StepBody
from api.callers import Colleague, Stepper
from api.doing import hand_in, told
from api.numbers import IdempotencyKey, IfMatch, Number
from api.parts import Given
from api.problems import Problem
from api.reading import see
from api.routes.steps import LATER
from api.watch import locale
from domain.errors import Refusal
from domain.rewinding import Lasting, Rewinding, lasting
from domain.taking_back import refuse_place

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class RewindPlan(Answer):
    """Where the case would be, and the effects since then, each of which needs a compensation."""

    to: int
    state: str
    assignee: str | None
    effects: list[Lasting]


@router.get("/{number}/rewind", operation_id="plan_rewind", summary="Plan to take a case back")
async def plan_rewind(
    request: Request,
    parts: Given,
    caller: Colleague,
    number: Number,
    to: Annotated[int, Query(ge=1, le=100_000, description="The entry to go back to.")],
) -> RewindPlan:
    """What has happened since that entry that nobody can undo. Changes nothing."""
    seen = await see(parts, caller, number, locale(request))
    try:
        refuse_place(seen.process, seen.case, to)
    except Refusal as refusal:
        raise Problem(refusal.code, refusal.params, kind=seen.process.kind) from None
    then = seen.process.as_of(seen.case, to)
    return RewindPlan(
        to=to,
        state=then.state,
        assignee=then.holder.id if then.holder else None,
        effects=lasting(seen.process, seen.case, to),
    )


@router.post("/{number}/rewind", operation_id="rewind", summary="Take a case back", responses=LATER)
async def rewind(
    response: Response,
    parts: Given,
    caller: Stepper,
    number: Number,
    form: Rewinding,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Take the case back as a new entry; nothing is erased, and compensations are carried out."""
    step = StepBody(step="rewind", form=form.canonical())
    headers = told(idempotency_key, if_match)
    return await hand_in(parts, caller, number, [step], headers, response)
