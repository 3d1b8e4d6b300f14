"""`/v1/cases/{number}/notices` and `/notify`: a case's messages, and one more to its customer."""

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, Number
from api.http.schemas import ResponseModel
from api.http.security import Caller, Stepper
from api.steps.schemas import StepResult
from api.steps.submission import ACCEPTED, Submission
from app.notices import list_notices
from domain.engine.action_forms import Notifying
from domain.engine.messages import Command

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class Notice(ResponseModel):
    """A message to somebody, and what became of it; `text` is what a person wrote of it."""

    seq: int
    n: int
    template: str
    to: str
    at: AwareDatetime
    status: str
    attempts: int
    text: str | None = None
    delivered_at: AwareDatetime | None
    message: str | None
    channel: str | None
    reason: str | None


class NoticeList(ResponseModel):
    """The messages of a case."""

    items: list[Notice]


@router.get("/{number}/notices", operation_id="get_notices", summary="Read a case's messages")
async def get_notices(services: ServicesDep, caller: Caller, number: Number) -> NoticeList:
    """Return the messages that the case sent, and what became of them."""
    return NoticeList(
        items=[
            Notice.model_validate(row).model_copy(update={"text": text})
            for row, text in await list_notices(services, caller, number)
        ]
    )


@router.post(
    "/{number}/notify", operation_id="notify", summary="Message the customer", responses=ACCEPTED
)
async def notify(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: Notifying,
    idempotency_key: IdempotencyKey,
) -> StepResult:
    """Tell the customer something in one's own words, once; it goes the way of all notices.

    It moves nothing, so the ETag stays. It counts as the first answer by a person, and the clock
    for the next news starts again.
    """
    submission = Submission(services, caller, response, idempotency_key, if_match=None)
    return await submission.submit(number, Command(step="notify", form=form.canonical()))
