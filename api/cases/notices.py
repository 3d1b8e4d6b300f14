"""`/v1/cases/{number}/notices` and `/notify`: what a case told people, and telling its customer."""

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, Number
from api.http.schemas import Answer
from api.http.security import Caller, Stepper
from api.steps.schemas import Done
from api.steps.submission import LATER, Submission
from app.notices import list_notices
from domain.engine.action_forms import Notifying
from domain.engine.messages import Command

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class Notice(Answer):
    """A message to somebody, and what became of it; `text` is what a person wrote."""

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


class Notices(Answer):
    """The messages of a case."""

    items: list[Notice]


@router.get("/{number}/notices", operation_id="get_notices", summary="Read a case's messages")
async def get_notices(services: ServicesDep, caller: Caller, number: Number) -> Notices:
    """The messages that the case sent, and what became of them."""
    return Notices(
        items=[
            Notice.model_validate(row).model_copy(update={"text": text})
            for row, text in await list_notices(services, caller, number)
        ]
    )


@router.post(
    "/{number}/notify", operation_id="notify", summary="Message the customer", responses=LATER
)
async def notify(
    response: Response,
    services: ServicesDep,
    caller: Stepper,
    number: Number,
    form: Notifying,
    idempotency_key: IdempotencyKey = None,
) -> Done:
    """Tell the customer something in one's own words, once; it goes the way of all notices.

    It moves nothing, so the ETag stays. It counts as the first answer by a person, and the time
    until the next news begins anew.
    """
    submission = Submission(services, caller, response, idempotency_key)
    return await submission.submit(number, Command(step="notify", form=form.canonical()))
