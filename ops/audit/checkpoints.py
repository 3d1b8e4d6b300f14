"""A checkpoint: what the ledger was at one moment, signed, and tied to the one before. Pure."""

from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.canonical import canonical_json
from domain.language.forms import Instant
from ops.audit.keys import PublicKeys, Signer, is_signed_by
from ops.audit.merkle import Tree, leaf_hash
from store.audit.records import Leaf, Peaks

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FIRST = "0" * 64
"""What the first checkpoint has in the place of the one before."""
LENGTH = sha256().digest_size


class InvalidCheckpoint(ValueError):
    """A document is no checkpoint; the message says why."""


class Checkpoint(BaseModel):
    """`root` is the Merkle root over the first `count` rows; `prev` the checkpoint before, hashed.

    `key` is the id of the key that signed. `n` counts a tenant's checkpoints from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["banjie.checkpoint.v1"] = "banjie.checkpoint.v1"
    tenant: str
    n: Annotated[int, Field(ge=1)]
    count: Annotated[int, Field(ge=1)]
    root: Hash
    prev: Hash
    at: Instant
    key: str
    signature: str = ""

    @property
    def said(self) -> str:
        """What is signed and hashed: all but the signature, in one spelling."""
        return canonical_json(self.model_dump(mode="json", exclude={"signature"}))

    @property
    def hash(self) -> str:
        """What the next one carries."""
        return sha256(self.said.encode()).hexdigest()

    @property
    def document(self) -> str:
        """As it is written down."""
        return canonical_json(self.model_dump(mode="json")) + "\n"

    def signed_by(self, keys: PublicKeys) -> bool:
        """Whether one of these keys signed it."""
        key = keys.get(self.key)
        return key is not None and is_signed_by(key, self.said, self.signature)


def checkpoint(
    signer: Signer, tree: Tree, tenant: str, before: Checkpoint | None, at: datetime
) -> Checkpoint:
    """The checkpoint after `before`."""
    drawn = Checkpoint(
        tenant=tenant,
        n=before.n + 1 if before else 1,
        count=tree.size,
        root=tree.root().hex(),
        prev=before.hash if before else FIRST,
        at=at,
        key=signer.id,
    )
    return drawn.model_copy(update={"signature": signer.sign(drawn.said)})


def parse_checkpoint(document: str | bytes) -> Checkpoint:
    """A checkpoint as it was written down.

    Raises:
        Wrong
    """
    try:
        return Checkpoint.model_validate_json(document)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, what["loc"])) or "it"
        raise InvalidCheckpoint(f"it is no checkpoint ({where}: {what['msg']})") from None


def row_leaf(tenant: str, leaf: Leaf) -> bytes:
    """The hash of a row of the ledger, as the tree has it: of its canonical JSON, in a list."""
    kind, id, seq, digest, _ = leaf
    try:
        said = f"[{quoted(tenant)},{quoted(kind)},{quoted(id)},{seq:d},{quoted(digest)}]"
    except (TypeError, ValueError):
        said = repr(leaf)  # SQLite keeps anything in any column; no row of ours is so
    return leaf_hash(said.encode())


def checkpoint_tree(last: Peaks) -> Tree:
    """The tree that the next rows are added to, of a checkpoint as the database has it.

    Raises:
        Wrong: it does not make the root that was signed, so nothing could be sealed after it.
    """
    try:
        peaks = [bytes.fromhex(each) for each in last.peaks.split()]
        tree = Tree(last.count, peaks)
    except (ValueError, TypeError, AttributeError):
        raise InvalidCheckpoint("its peaks cannot be read") from None
    before = parse_checkpoint(last.document) if last.n else None
    signed = (before.count, before.root) if before else (0, Tree().root().hex())
    # A cut elsewhere in the same bytes would make the same root.
    if (tree.size, tree.root().hex()) != signed or any(len(each) != LENGTH for each in peaks):
        raise InvalidCheckpoint("its peaks do not make the root that was signed")
    return tree


def link_error(before: Checkpoint | None, after: Checkpoint) -> str | None:
    """Why one does not follow from the other; None if it does."""
    if after.n != (before.n if before else 0) + 1:
        return "it is not the next one"
    if after.prev != (before.hash if before else FIRST):
        return "it does not carry the hash of the one before"
    if before and (after.count <= before.count or after.tenant != before.tenant):
        return "it covers no more rows than the one before"
    return None
