"""`/v1/cases/{number}/rewind`: plan to take a case back, and do it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue

from api.http.dependencies import LocaleDep, ServicesDep, TextsDep
from api.http.headers import Number
from api.http.schemas import ResponseModel
from api.http.security import Caller
from api.steps.schemas import StepResult
from api.steps.submission import ACCEPTED, SubmissionDep
from app.rewind import plan_case_rewind
from app.texts import Texts
from domain.engine.action_forms import ClockMode, Rewinding
from domain.engine.messages import Command
from domain.engine.rewind.compensation import IrreversibleEffect
from domain.errors import Refusal
from domain.language.clocks import ClockInstance, ClockState
from domain.language.values import Instant

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class RefusalReason(ResponseModel):
    """Why it would be refused: a code, and a sentence."""

    code: str
    detail: str
    params: dict[str, JsonValue]


class RunningClock(ResponseModel):
    """A clock that would run."""

    clock: str
    instance: int
    state: ClockState
    due_at: Instant | None


class ClockChoice(ResponseModel):
    """What would come of a choice for the clocks."""

    clocks: ClockMode
    running: list[RunningClock]
    refused: RefusalReason | None


class RewindPlan(ResponseModel):
    """Where the case would be, and the effects since then, each of which needs a compensation.

    `refused` says why this caller cannot carry it out now.
    """

    to: int
    state: str
    assignee: str | None
    effects: list[IrreversibleEffect]
    clocks: list[ClockChoice]
    refused: RefusalReason | None


@router.get("/{number}/rewind", operation_id="plan_rewind", summary="Plan to take a case back")
async def plan_rewind(
    locale: LocaleDep,
    services: ServicesDep,
    texts: TextsDep,
    caller: Caller,
    number: Number,
    to: Annotated[int, Query(ge=1, le=100_000, description="The entry to go back to.")],
) -> RewindPlan:
    """Return what has happened since that nobody can undo, and what hinders. Changes nothing."""
    kind, plan = await plan_case_rewind(services, caller, number, to)

    def reason(refusal: Refusal | None) -> RefusalReason | None:
        return _reason(refusal, texts, locale, kind) if refusal else None

    return RewindPlan(
        to=to,
        state=plan.restored.state,
        assignee=plan.restored.holder.id if plan.restored.holder else None,
        effects=list(plan.effects),
        clocks=[
            ClockChoice(
                clocks=each.clocks,
                running=[_running(clock) for clock in each.running],
                refused=reason(each.refused),
            )
            for each in plan.choices
        ],
        refused=reason(plan.refused),
    )


def _reason(refusal: Refusal, texts: Texts, locale: str, kind: str) -> RefusalReason:
    sentence = texts.say(refusal.code, refusal.params, locale, kind=kind, otherwise=str(refusal))
    return RefusalReason(code=refusal.code, detail=sentence, params=dict(refusal.params))


def _running(clock: ClockInstance) -> RunningClock:
    return RunningClock(
        clock=clock.clock.name,
        instance=clock.number,
        state=clock.state,
        due_at=clock.due,
    )


@router.post(
    "/{number}/rewind", operation_id="rewind", summary="Take a case back", responses=ACCEPTED
)
async def rewind(submission: SubmissionDep, number: Number, form: Rewinding) -> StepResult:
    """Take the case back as a new entry; nothing is erased, and compensations are carried out."""
    return await submission.submit(number, Command(step="rewind", form=form.canonical()))
