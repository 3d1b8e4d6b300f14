"""A proof for others: a case's entries, where they are in the tree, and a signed checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.entries import Entry
from ops.audit.checkpoints import Checkpoint, Hash


class Proved(BaseModel):
    """One entry: its hash, its row in the ledger from 1, and the way from there to the root.

    `entry` is the entry itself, if it was asked for: it holds what people said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    hash: Hash
    row: Annotated[int, Field(ge=1)]
    path: tuple[Hash, ...]
    entry: Entry | None = None


class Since(BaseModel):
    """An older checkpoint, and the proof that the newer one only added rows to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: Checkpoint
    path: tuple[Hash, ...]


class Proof(BaseModel):
    """That a case had these entries, from its first on, when the checkpoint was signed.

    It shows no more than them: that others came after them cannot be seen from it.

    `unsealed` are entries that are recorded but not covered yet, by seq: nothing is said of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["banjie.proof.v1"] = "banjie.proof.v1"
    number: str
    checkpoint: Checkpoint
    entries: tuple[Proved, ...]
    unsealed: tuple[int, ...] = ()
    since: Since | None = None
