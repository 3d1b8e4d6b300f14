"""Commands for many cases at once: which command for which cases, and what became of each."""

from enum import StrEnum, auto
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.engine.messages import DEFAULT_TENANT, Command, Message
from domain.language.roles import Actor
from domain.language.values import PERSONAL, Instant

NOT_IN_BATCHES = frozenset({"claim", "rewind"})
"""Task actions whose form differs from case to case, or that are about the actor alone."""


class BatchState(StrEnum):
    """Where a batch is."""

    RUNNING = auto()
    DONE = auto()
    CANCELLED = auto()


class BatchOutcome(StrEnum):
    """What became of one case of a batch.

    `would` is the answer of a dry run. `unanswered`: the case did not answer in time, three times;
    it may still take the step.
    """

    DONE = auto()
    WOULD = auto()
    REFUSED = auto()
    UNANSWERED = auto()
    CANCELLED = auto()


class BatchResult(BaseModel):
    """What became of one case; for a refusal with its code and the engine's sentence."""

    model_config = ConfigDict(frozen=True)

    came: BatchOutcome
    code: str | None = None
    detail: str | None = None


class Batch(BaseModel):
    """A command for many cases of one kind, in one person's name.

    `which` is the filter that chose the cases, once, when the batch was made. `digest` is of the
    whole request, so that a repetition can be told from another request.
    """

    model_config = ConfigDict(
        frozen=True, from_attributes=True, validate_by_name=True, serialize_by_alias=True
    )

    tenant: str
    id: str
    at: Instant
    actor: Actor
    kind: str
    command: Command = Field(validation_alias="deed", serialization_alias="deed")
    reason: Annotated[str, PERSONAL]
    dry_run: bool
    which: dict[str, JsonValue]
    digest: str
    size: int
    state: BatchState = BatchState.RUNNING
    ended_at: Instant | None = None

    def request_id(self, number: str) -> str:
        """Return the id of the request for one case: sent again, it is the same request."""
        return f"batch:{self.id}:{number}"


class BatchRun(Message):
    """The argument of a batch's workflow: which batch, and whether it was cancelled."""

    tenant: str = DEFAULT_TENANT
    id: str
    cancelled: bool = False


def audit_details(batch: Batch) -> dict[str, Any]:
    """Return what the audit log keeps of a batch: not its form, which may hold personal data."""
    return {
        "kind": batch.kind,
        "step": batch.command.step,
        "size": batch.size,
        "dry_run": batch.dry_run,
    }
