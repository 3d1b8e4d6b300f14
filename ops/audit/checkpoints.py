"""A checkpoint: the state of the audit log at one moment, signed and chained to the one before."""

from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.canonical import canonical_json
from domain.language.values import Instant
from ops.audit.keys import PublicKeys, Signer, is_signed_by
from ops.audit.merkle import Tree, leaf_hash
from ops.audit.strict_json import NotStrict, read_strictly
from runtime.message import Message
from store.audit.records import CheckpointRow, Leaf

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FIRST = "0" * 64
"""The `prev` of the first checkpoint."""
LENGTH = sha256().digest_size


class InvalidCheckpoint(ValueError):
    """A document is no checkpoint, or does not fit its tree; the message says why."""


class Checkpoint(BaseModel):
    """`root` is the Merkle root over the first `count` rows; `prev` is the previous one's hash.

    `key` is the id of the key that signed it. `n` counts a tenant's checkpoints from 1.
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
    def signed_text(self) -> str:
        """What is signed and hashed: everything but the signature, as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", exclude={"signature"}))

    @property
    def hash(self) -> str:
        """The hash that the next checkpoint carries."""
        return sha256(self.signed_text.encode()).hexdigest()

    @property
    def document(self) -> str:
        """The checkpoint as it is stored."""
        return canonical_json(self.model_dump(mode="json")) + "\n"

    def signed_by(self, keys: PublicKeys) -> bool:
        """Return whether one of these keys signed it."""
        key = keys.get(self.key)
        return key is not None and is_signed_by(key, self.signed_text, self.signature)


def sign_checkpoint(
    signer: Signer, tree: Tree, tenant: str, before: Checkpoint | None, at: datetime
) -> Checkpoint:
    """Return the signed checkpoint that follows `before`."""
    unsigned = Checkpoint(
        tenant=tenant,
        n=before.n + 1 if before else 1,
        count=tree.size,
        root=tree.root().hex(),
        prev=before.hash if before else FIRST,
        at=at,
        key=signer.id,
    )
    return unsigned.model_copy(update={"signature": signer.sign(unsigned.signed_text)})


def parse_checkpoint(document: str | bytes) -> Checkpoint:
    """Parse a stored checkpoint.

    Raises:
        InvalidCheckpoint
    """
    try:
        return read_strictly(Checkpoint, document)
    except NotStrict as error:
        raise InvalidCheckpoint(
            Message("it is no checkpoint (%(error)s)", error=error.args[0])
        ) from None


def row_leaf(tenant: str, row: Leaf) -> bytes:
    """Return the leaf hash of an audit row: of its canonical JSON, in a list."""
    kind, id, seq, digest, _ = row
    try:
        text = f"[{quoted(tenant)},{quoted(kind)},{quoted(id)},{seq:d},{quoted(digest)}]"
    except (TypeError, ValueError):
        text = repr(row)  # SQLite stores any type in any column; no row of ours does that
    return leaf_hash(text.encode())


def checkpoint_tree(last: CheckpointRow) -> Tree:
    """Return the tree that the next rows are appended to, from a checkpoint in the database.

    Raises:
        InvalidCheckpoint: its peaks do not make the signed root, so nothing can follow it.
    """
    try:
        peaks = [bytes.fromhex(peak) for peak in last.peaks.split()]
        tree = Tree(last.count, peaks)
    except (ValueError, TypeError, AttributeError):
        raise InvalidCheckpoint(Message("its peaks cannot be read")) from None
    before = parse_checkpoint(last.document) if last.n else None
    signed = (before.count, before.root) if before else (0, Tree().root().hex())
    # The same bytes split at another place would make the same root.
    if (tree.size, tree.root().hex()) != signed or any(len(peak) != LENGTH for peak in peaks):
        raise InvalidCheckpoint(Message("its peaks do not make the root that was signed"))
    return tree


def link_error(before: Checkpoint | None, after: Checkpoint) -> str | None:
    """Return why `after` does not follow `before`; None if it does."""
    if after.n != (before.n if before else 0) + 1:
        return Message("it is not the next one")
    if after.prev != (before.hash if before else FIRST):
        return Message("it does not carry the hash of the one before")
    if before and (after.count <= before.count or after.tenant != before.tenant):
        return Message("it covers no more rows than the one before")
    return None
