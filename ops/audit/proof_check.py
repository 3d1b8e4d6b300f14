"""Checking a proof with the public key alone: no database, no network, no clock. Pure."""

from collections.abc import Iterator
from itertools import pairwise

from pydantic import ValidationError

from domain.engine.chain import entry_hash, genesis
from ops.audit.checkpoints import Checkpoint, row_leaf
from ops.audit.keys import PublicKeys
from ops.audit.merkle import consistent, included
from ops.audit.proof import ConsistencyProof, Proof, ProvedEntry
from ops.findings import Finding
from store.audit.records import Leaf, LeafKind


class InvalidProof(ValueError):
    """The file holds no proof; the message says why."""


def read_proof(text: str | bytes) -> Proof:
    """A proof as it was written.

    Raises:
        NoProof
    """
    try:
        return Proof.model_validate_json(text)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, what["loc"])) or "it"
        raise InvalidProof(f"It holds no proof ({where}: {what['msg']}).") from None


def check(proof: Proof, keys: PublicKeys, kept: Checkpoint | None = None) -> list[Finding]:
    """All that is wrong with a proof; nothing, if it holds.

    One whose last entries were left out holds: it claims less, and nothing that is wrong.

    Args:
        proof: what somebody claims.
        keys: the public keys, from somebody you trust.
        kept: an older checkpoint of your own, that the proof's must go on from.
    """
    return [*_signed(proof, keys), *_entries(proof), *_since(proof, keys, kept)]


def _signed(proof: Proof, keys: PublicKeys) -> Iterator[Finding]:
    if not proof.checkpoint.signed_by(keys):
        yield Finding("checkpoint_forged", "the checkpoint is not signed by a known key")


def _entries(proof: Proof) -> Iterator[Finding]:
    number = proof.number
    seqs = [each.seq for each in proof.entries]
    if not seqs or seqs != list(range(1, len(seqs) + 1)):
        yield Finding("entry_missing", "its entries are not numbered 1 to n", number)
    for each in proof.entries:
        if why := _wrong(proof, each):
            yield Finding("entry_unproved", why, number, each.seq)
    first = proof.entries[0].entry if proof.entries else None
    if first and first.prev != genesis(proof.checkpoint.tenant, number):
        yield Finding("chain_broken", "it does not begin this case", number, 1)
    for before, after in pairwise(proof.entries):
        if after.entry and after.entry.prev != before.hash:
            why = "it does not follow from the entry before it"
            yield Finding("chain_broken", why, number, after.seq)


def _wrong(proof: Proof, each: ProvedEntry) -> str | None:
    """Why an entry is not proved."""
    point = proof.checkpoint
    leaf = row_leaf(
        point.tenant, Leaf(LeafKind.ENTRY.value, proof.number, each.seq, each.hash, None)
    )
    path = [bytes.fromhex(step) for step in each.path]
    if not included(leaf, each.row - 1, point.count, path, bytes.fromhex(point.root)):
        return "the checkpoint does not cover it"
    if each.entry is not None and (each.entry.seq, entry_hash(each.entry)) != (each.seq, each.hash):
        return "what it says is not what the checkpoint covers"
    return None


def _since(proof: Proof, keys: PublicKeys, kept: Checkpoint | None) -> Iterator[Finding]:
    since, point = proof.since, proof.checkpoint
    if kept is not None and not _meets(kept, since, point):
        yield Finding("rolled_back", "it does not go on from the checkpoint that was kept")
    if since is None:
        return
    old = since.checkpoint
    if not old.signed_by(keys) or old.tenant != point.tenant:
        yield Finding("checkpoint_forged", "the older checkpoint is not signed by a known key")
    roots = bytes.fromhex(old.root), bytes.fromhex(point.root)
    path = [bytes.fromhex(step) for step in since.path]
    if not consistent(old.count, roots[0], point.count, roots[1], path):
        yield Finding("rolled_back", "the newer checkpoint does not go on from the older one")


def _meets(kept: Checkpoint, since: ConsistencyProof | None, point: Checkpoint) -> bool:
    return kept.hash == point.hash or (since is not None and kept.hash == since.checkpoint.hash)
