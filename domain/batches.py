"""Commands for many cases at once: which command for which cases, and what became of each."""

from enum import StrEnum, auto
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.engine.kept_policy import CHANGE_POLICY
from domain.engine.merged import MERGE_ACTIONS
from domain.engine.messages import DEFAULT_TENANT, Command, Message
from domain.engine.side_forms import SIDE_ACTIONS
from domain.language.roles import Actor
from domain.language.values import PERSONAL, Instant

NOT_IN_BATCHES = frozenset({"claim", "rewind", *SIDE_ACTIONS, *MERGE_ACTIONS})
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


FAILED_OUTCOMES = frozenset({BatchOutcome.REFUSED, BatchOutcome.UNANSWERED})
"""What became of the cases that can be tried again."""


class BatchResult(BaseModel):
    """What became of one case; for a refusal with its code and the engine's sentence."""

    model_config = ConfigDict(frozen=True)

    came: BatchOutcome
    code: str | None = None
    detail: str | None = None


class Batch(BaseModel):
    """A command for many cases, in one person's name.

    `kind` is empty where cases were named one by one and are of several kinds. `which` is the
    filter that chose them, once, when the batch was made; empty where they were named. `digest` is
    of the whole request, so that a repetition can be told from another request. `retries` is the
    batch whose failed cases are tried again, or the dry run whose cases are done now; it has the
    same digest.
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
    retries: str | None = None

    def request_id(self, number: str, origin: str | None = None) -> str:
        """Return the id of the request for one case: sent again, it is the same request.

        `origin` is the batch that sent it before and got no answer.
        """
        return f"batch:{origin or self.id}:{number}"


class BatchRun(Message):
    """The argument of a batch's workflow: which batch, and whether it was cancelled."""

    tenant: str = DEFAULT_TENANT
    id: str
    cancelled: bool = False


def audit_details(batch: Batch) -> dict[str, Any]:
    """Return what the audit log keeps of a batch: not its form, which may hold personal data."""
    changes_policy = batch.command.step == CHANGE_POLICY
    return {
        "kind": batch.kind,
        "step": batch.command.step,
        "size": batch.size,
        "dry_run": batch.dry_run,
        **({"retries": batch.retries} if batch.retries else {}),
        **({"policy": batch.command.form.get("policy")} if changes_policy else {}),
    }
