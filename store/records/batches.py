"""What is kept of acts on many cases."""

from dataclasses import dataclass
from datetime import datetime

from domain.batches import Batch


@dataclass(frozen=True)
class BatchItem:
    """One case of a batch; `came` is None until it is done with."""

    place: int
    number: str
    tries: int = 0
    came: str | None = None
    code: str | None = None
    detail: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class BatchCounted:
    """A batch with how many of its cases came to what; `left` are those not done with."""

    batch: Batch
    left: int
    counts: dict[str, int]
