"""Batches in responses."""

from pydantic import AwareDatetime, Field

from api.http.schemas import ResponseModel
from app.texts import Texts
from domain.batches import BatchOutcome, BatchState
from domain.language.roles import Actor
from store.batches.records import BatchProgress


class Batch(ResponseModel):
    """A batch, and how far it is; `counts` has the number of cases by their result.

    `kind` is null where its cases were named one by one and may be of several. `retries` is the
    batch whose failed cases it tries again.
    """

    id: str
    at: AwareDatetime
    actor: Actor
    kind: str | None
    step: str
    reason: str
    dry_run: bool
    state: BatchState
    size: int
    remaining: int
    counts: dict[BatchOutcome, int]
    ended_at: AwareDatetime | None
    retries: str | None


class BatchList(ResponseModel):
    """Batches, the newest first; `left_out` are the ids of those whose rows are damaged."""

    items: list[Batch]
    next: str | None
    left_out: list[str] = []


class BatchItem(ResponseModel):
    """One case of a batch; `result` is null until it is done."""

    position: int = Field(validation_alias="place")
    number: str
    result: BatchOutcome | None = Field(validation_alias="came")
    code: str | None
    detail: str | None
    at: AwareDatetime | None


def in_language(item: BatchItem, texts: Texts, locale: str) -> BatchItem:
    """Return a case of a batch with its detail in a language.

    The engine's sentence is kept in English; elsewhere the few words for its code stand for it.
    """
    if item.detail is None:
        return item
    detail = texts.kept(item.code or "engine_down", item.detail, locale)
    return item.model_copy(update={"detail": detail})


class BatchItemList(ResponseModel):
    """The cases of a batch, in their order; `left_out` as for cases."""

    items: list[BatchItem]
    next: int | None
    left_out: list[str] = []


def batch_of(counted: BatchProgress) -> Batch:
    """Return a batch without its form, which may hold a customer's words."""
    batch = counted.batch
    return Batch(
        **batch.model_dump(include={"id", "at", "actor", "reason", "dry_run", "state", "size",
                                    "ended_at", "retries"}),
        kind=batch.kind or None,
        step=batch.command.step,
        remaining=counted.left,
        counts={BatchOutcome(name): n for name, n in counted.counts.items()},
    )  # fmt: skip
