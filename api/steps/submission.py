"""A request that submits steps: its headers go to the use case, the result into the response."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Response, status

from api.http.dependencies import ServicesDep
from api.http.headers import IdempotencyKey, IfMatch, etag, mark_replayed, read_etags, read_key
from api.http.security import Stepper
from api.steps.schemas import StepResult
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.language.forms import Form

ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": StepResult, "description": "Accepted and durable, not yet recorded."}
}


@dataclass
class Submission:
    """What every route that submits steps depends on."""

    services: ServicesDep
    caller: Stepper
    response: Response
    idempotency_key: IdempotencyKey
    if_match: IfMatch

    async def submit(
        self,
        number: str,
        *commands: Command,
        task: int | None = None,
        pointers: Sequence[str] = ("",),
    ) -> StepResult:
        """Submit the commands: 200 when they are recorded, 202 when they are only durable."""
        submitted = await submit_steps(
            self.services,
            self.caller,
            number,
            commands,
            key=read_key(self.idempotency_key),
            if_match=read_etags(self.if_match),
            task=task,
            pointers=pointers,
        )
        mark_replayed(self.response, submitted.replayed)
        if submitted.receipt is None:
            self.response.status_code = status.HTTP_202_ACCEPTED
        if submitted.case is not None:
            self.response.headers["ETag"] = etag(submitted.case.etag)
        return StepResult.model_validate(submitted)


SubmissionDep = Annotated[Submission, Depends()]


def command_of(step: str, form: Form | None) -> Command:
    """Return the command of a form that was read already, as the caller wrote it."""
    return Command(step=step, form=form.model_dump(mode="json", exclude_unset=True) if form else {})
