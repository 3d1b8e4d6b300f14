"""Batches as they are read: the cases of one, and how far one is."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.batches import Batch, BatchOutcome
from domain.language.values import Instant


class BatchItem(BaseModel):
    """One case of a batch; `came` is None while it waits, `tries` counts unanswered attempts.

    `origin` is the batch that sent the same request before and got no answer.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    place: int
    number: str
    tries: int = 0
    came: BatchOutcome | None = None
    code: str | None = None
    detail: str | None = None
    at: Instant | None = None
    origin: str | None = None


@dataclass(frozen=True)
class BatchProgress:
    """A batch with the number of its cases by result; `left` are those that still wait."""

    batch: Batch
    left: int
    counts: dict[str, int]
