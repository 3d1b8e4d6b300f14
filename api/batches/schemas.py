"""Batches as they come in and go out: the bodies of requests and answers."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from api.http.paging import CaseWhere
from api.http.schemas import Answer, Body, FormBody
from domain.batches import BatchOutcome, BatchState
from domain.language.forms import Code, Note
from domain.language.roles import Actor
from store.batches.batches import BatchCounted


class NewBatch(Body):
    """A step, or an act on the task, for every case of a kind that fits the filter."""

    kind: Code
    where: CaseWhere = CaseWhere()
    step: Code
    form: FormBody = {}
    reason: Annotated[Note, Field(min_length=1, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    dry_run: bool = False


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


def answer_of(found: BatchCounted) -> BatchView:
    """The batch as callers see it: without its form, which may hold a customer's words."""
    batch = found.batch
    return BatchView(
        **batch.model_dump(include={"id", "at", "actor", "kind", "reason", "dry_run", "state",
                                    "size", "ended_at"}),
        step=batch.command.step,
        remaining=found.left,
        counts={BatchOutcome(name): n for name, n in found.counts.items()},
    )  # fmt: skip
