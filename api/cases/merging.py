"""`/v1/cases/{number}`: possible duplicates, merging a case into another one, taking that back."""

from fastapi import APIRouter, Response

from api.cases.schemas import CaseListItem
from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, Number
from api.http.schemas import ResponseModel
from api.http.security import Caller, Stepper
from api.steps.schemas import StepResult
from api.steps.submission import ACCEPTED, Submission
from app.duplicates import find_duplicates
from domain.engine.merged import MERGE, UNMERGE, Merging, Unmerging
from domain.engine.messages import Command
from domain.read_models.likeness import Shared

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class Duplicate(ResponseModel):
    """A case that may be about the same: how alike of a hundred, and what the two share.

    `can_go_on`: it is open, so that the other one may be merged into it.
    """

    case: CaseListItem
    score: int
    shared: list[Shared]
    can_go_on: bool


class Duplicates(ResponseModel):
    """The cases that may be about the same, the likeliest first."""

    items: list[Duplicate]


@router.get(
    "/{number}/duplicates", operation_id="get_duplicates", summary="Find possible duplicates"
)
async def get_duplicates(services: ServicesDep, caller: Caller, number: Number) -> Duplicates:
    """Return the cases of the same kind that may be about the same, open or closed lately.

    For staff who see all cases.
    """
    found = await find_duplicates(services, caller, number)
    return Duplicates(items=[Duplicate.model_validate(each) for each in found])


@router.post(
    "/{number}/merge",
    operation_id="merge_case",
    summary="Merge a case into another one",
    responses=ACCEPTED,
)
async def merge_case(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: Merging,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Let another open case of the same kind go on for this one, which moves no more.

    The customer is told once. What they say to this case is from then on said to the other one.
    """
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step=MERGE, form=form.canonical()))


@router.post(
    "/{number}/unmerge",
    operation_id="unmerge_case",
    summary="Take a merge back",
    responses=ACCEPTED,
)
async def unmerge_case(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: Unmerging,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Let a merged case be again where it was, within thirty days; its promises count as before."""
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step=UNMERGE, form=form.canonical()))
