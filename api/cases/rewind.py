"""`/v1/cases/{number}/rewind`: what it would take to take a case back, and doing it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue

from api.http.dependencies import LocaleDep, ServicesDep, TextsDep
from api.http.headers import Number
from api.http.schemas import Answer
from api.http.security import StaffCaller
from api.steps.schemas import Done
from api.steps.submission import LATER, SubmissionDep
from app.rewind import plan_case_rewind
from app.texts import Texts
from domain.engine.action_forms import ClockMode, Rewinding
from domain.engine.messages import Command
from domain.engine.rewind.compensation import IrreversibleEffect
from domain.errors import Refusal
from domain.language.clocks import ClockInstance, ClockState
from domain.language.forms import Instant

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class Hindrance(Answer):
    """Why it is not possible, as the act would say: a code, and a sentence."""

    code: str
    detail: str
    params: dict[str, JsonValue]


class Running(Answer):
    """A promise that would run then."""

    clock: str
    instance: int
    state: ClockState
    due_at: Instant | None


class ClocksThen(Answer):
    """What a choice for the clocks would bring."""

    clocks: ClockMode
    running: list[Running]
    refused: Hindrance | None


class RewindPlan(Answer):
    """Where the case would be, and the effects since then, each of which needs a compensation.

    `refused` says why it cannot be carried out now, and by this caller; then nobody need ask.
    """

    to: int
    state: str
    assignee: str | None
    effects: list[IrreversibleEffect]
    clocks: list[ClocksThen]
    refused: Hindrance | None


@router.get("/{number}/rewind", operation_id="plan_rewind", summary="Plan to take a case back")
async def plan_rewind(
    locale: LocaleDep,
    services: ServicesDep,
    texts: TextsDep,
    caller: StaffCaller,
    number: Number,
    to: Annotated[int, Query(ge=1, le=100_000, description="The entry to go back to.")],
) -> RewindPlan:
    """What has happened since then that nobody can undo, and what hinders. Changes nothing."""
    kind, plan = await plan_case_rewind(services, caller, number, to)

    def hindrance(refusal: Refusal | None) -> Hindrance | None:
        return _hindrance(refusal, texts, locale, kind) if refusal else None

    return RewindPlan(
        to=to,
        state=plan.restored.state,
        assignee=plan.restored.holder.id if plan.restored.holder else None,
        effects=list(plan.effects),
        clocks=[
            ClocksThen(
                clocks=each.clocks,
                running=[_running(reading) for reading in each.running],
                refused=hindrance(each.refused),
            )
            for each in plan.choices
        ],
        refused=hindrance(plan.refused),
    )


def _hindrance(refusal: Refusal, texts: Texts, locale: str, kind: str) -> Hindrance:
    sentence = texts.say(refusal.code, refusal.params, locale, kind=kind, otherwise=str(refusal))
    return Hindrance(code=refusal.code, detail=sentence, params=dict(refusal.params))


def _running(reading: ClockInstance) -> Running:
    return Running(
        clock=reading.clock.name,
        instance=reading.instance,
        state=reading.state,
        due_at=reading.due,
    )


@router.post("/{number}/rewind", operation_id="rewind", summary="Take a case back", responses=LATER)
async def rewind(submission: SubmissionDep, number: Number, form: Rewinding) -> Done:
    """Take the case back as a new entry; nothing is erased, and compensations are carried out."""
    return await submission.submit(number, Command(step="rewind", form=form.canonical()))
