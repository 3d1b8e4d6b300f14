"""What is kept of acts on many cases."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from domain.batches import Batch, Came
from domain.forms import Instant


class BatchItem(BaseModel):
    """One case of a batch; `came` is None until it is done with."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    place: int
    number: str
    tries: int = 0
    came: Came | None = None
    code: str | None = None
    detail: str | None = None
    at: Instant | None = None


@dataclass(frozen=True)
class BatchCounted:
    """A batch with how many of its cases came to what; `left` are those not done with."""

    batch: Batch
    left: int
    counts: dict[str, int]
