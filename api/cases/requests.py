"""`/v1/cases/{number}`: ask others for approval or assistance beside the case's way; chase us."""

from fastapi import APIRouter, Response

from api.cases.schemas import CaseRequest, CaseRequests
from api.http.dependencies import LocaleDep, ServicesDep
from api.http.headers import IdempotencyKey, Number
from api.http.security import Caller, Stepper
from api.steps.schemas import StepResult
from api.steps.submission import ACCEPTED, Submission
from app.read_cases import read_case
from domain.engine.messages import Command
from domain.engine.side_forms import (
    ASK_APPROVAL,
    ASK_ASSISTANCE,
    CHASE,
    ApprovalRequestInput,
    AssistanceRequest,
    Chase,
)

router = APIRouter(prefix="/v1/cases", tags=["requests"])


@router.get("/{number}/requests", operation_id="get_requests", summary="Read a case's requests")
async def get_requests(
    locale: LocaleDep, services: ServicesDep, caller: Caller, number: Number
) -> CaseRequests:
    """Return the requests to others, settled ones too, with what this caller may do with each."""
    details = await read_case(services, caller, number, locale)
    return CaseRequests(items=[CaseRequest.model_validate(each) for each in details.requests])


@router.post(
    "/{number}/approval-requests",
    operation_id="ask_approval",
    summary="Ask for an approval",
    responses=ACCEPTED,
)
async def ask_approval(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: ApprovalRequestInput,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Ask for somebody else's approval of an amount: a task for those whose word covers it.

    The case's own task goes on meanwhile. Nobody approves their own request.
    """
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step=ASK_APPROVAL, form=form.canonical()))


@router.post(
    "/{number}/assistance-requests",
    operation_id="ask_assistance",
    summary="Ask a team for help",
    responses=ACCEPTED,
)
async def ask_assistance(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: AssistanceRequest,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Ask another team for help until a moment: a task for its members, with its own limit."""
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step=ASK_ASSISTANCE, form=form.canonical()))


@router.post("/{number}/chases", operation_id="chase", summary="Chase a case", responses=ACCEPTED)
async def chase(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: Chase,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Note that somebody chases us. It is counted and shown, and moves nothing."""
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step=CHASE, form=form.canonical()))
