"""Batches as they come in and go out: the bodies of answers."""

from pydantic import AwareDatetime, Field

from api.http.schemas import Answer
from domain.batches import BatchOutcome, BatchState
from domain.language.roles import Actor
from store.batches.batches import BatchCounted


class BatchView(Answer):
    """A batch, and how far it is; `counts` says how many cases came to what."""

    id: str
    at: AwareDatetime
    actor: Actor
    kind: str
    step: str
    reason: str
    dry_run: bool
    state: BatchState
    size: int
    remaining: int
    counts: dict[BatchOutcome, int]
    ended_at: AwareDatetime | None


class BatchList(Answer):
    """Batches, the newest first; `left_out` are the ids of those whose rows are damaged."""

    items: list[BatchView]
    next: str | None
    left_out: list[str] = []


class BatchItemAnswer(Answer):
    """One case of a batch; `result` is null until it is done with."""

    position: int = Field(validation_alias="place")
    number: str
    result: BatchOutcome | None = Field(validation_alias="came")
    code: str | None
    detail: str | None
    at: AwareDatetime | None


class BatchItems(Answer):
    """The cases of a batch, in their order; `left_out` as for cases."""

    items: list[BatchItemAnswer]
    next: int | None
    left_out: list[str] = []


def answer_of(counted: BatchCounted) -> BatchView:
    """The batch as callers see it: without its form, which may hold a customer's words."""
    batch = counted.batch
    return BatchView(
        **batch.model_dump(include={"id", "at", "actor", "kind", "reason", "dry_run", "state",
                                    "size", "ended_at"}),
        step=batch.command.step,
        remaining=counted.left,
        counts={BatchOutcome(name): n for name, n in counted.counts.items()},
    )  # fmt: skip
