"""Checks a proof with the public key alone: no database, no network, no clock."""

from collections.abc import Iterator
from itertools import pairwise

from domain.engine.chain import entry_hash, genesis
from ops.audit.checkpoints import Checkpoint, row_leaf
from ops.audit.keys import PublicKeys
from ops.audit.merkle import is_consistent, is_included
from ops.audit.proof import ConsistencyProof, Proof, ProvedEntry
from ops.audit.strict_json import NotStrict, read_strictly
from ops.findings import Finding
from runtime.message import Message
from store.audit.records import Leaf, LeafKind


class InvalidProof(ValueError):
    """The file holds no proof; the message says why."""


def read_proof(text: str | bytes) -> Proof:
    """Parse a proof; nothing may be in it, not even within an entry, that is not checked.

    Raises:
        InvalidProof
    """
    try:
        return read_strictly(Proof, text)
    except NotStrict as error:
        raise InvalidProof(Message("It holds no proof (%(error)s).", error=error.args[0])) from None


def check_proof(proof: Proof, keys: PublicKeys, trusted: Checkpoint | None = None) -> list[Finding]:
    """Return everything that is wrong with a proof; nothing if it holds.

    A proof whose last entries were left out holds: it claims less, and nothing that is wrong.

    Args:
        proof: what somebody claims.
        keys: the public keys, from somebody you trust.
        trusted: an older checkpoint of your own, which the proof's checkpoint must extend.
    """
    return [*_signature(proof, keys), *_entries(proof), *_extension(proof, keys, trusted)]


def _signature(proof: Proof, keys: PublicKeys) -> Iterator[Finding]:
    if not proof.checkpoint.signed_by(keys):
        yield Finding("checkpoint_forged", Message("the checkpoint is not signed by a known key"))


def _entries(proof: Proof) -> Iterator[Finding]:
    number = proof.number
    seqs = [proved.seq for proved in proof.entries]
    if not seqs or seqs != list(range(1, len(seqs) + 1)):
        yield Finding("entry_missing", Message("its entries are not numbered 1 to n"), number)
    for proved in proof.entries:
        if why := _unproved(proof, proved):
            yield Finding("entry_unproved", why, number, proved.seq)
    first = proof.entries[0].entry if proof.entries else None
    if first and first.prev != genesis(proof.checkpoint.tenant, number):
        yield Finding("chain_broken", Message("it does not begin this case"), number, 1)
    for before, after in pairwise(proof.entries):
        if after.entry and after.entry.prev != before.hash:
            why = Message("it does not follow from the entry before it")
            yield Finding("chain_broken", why, number, after.seq)


def _unproved(proof: Proof, proved: ProvedEntry) -> str | None:
    """Return why an entry is not proved."""
    checkpoint, entry = proof.checkpoint, proved.entry
    row = Leaf(LeafKind.ENTRY.value, proof.number, proved.seq, proved.hash, None)
    leaf = row_leaf(checkpoint.tenant, row)
    path = [bytes.fromhex(step) for step in proved.path]
    root = bytes.fromhex(checkpoint.root)
    if not is_included(leaf, proved.row - 1, checkpoint.count, path, root):
        return Message("the checkpoint does not cover it")
    if entry is not None and (entry.seq, entry_hash(entry)) != (proved.seq, proved.hash):
        return Message("what it says is not what the checkpoint covers")
    return None


def _extension(proof: Proof, keys: PublicKeys, trusted: Checkpoint | None) -> Iterator[Finding]:
    since, newer = proof.since, proof.checkpoint
    if trusted is not None and not _extends(newer, since, trusted):
        yield Finding("rolled_back", Message("it does not go on from the checkpoint that was kept"))
    if since is None:
        return
    older = since.checkpoint
    if not older.signed_by(keys) or older.tenant != newer.tenant:
        yield Finding(
            "checkpoint_forged", Message("the older checkpoint is not signed by a known key")
        )
    older_root, newer_root = bytes.fromhex(older.root), bytes.fromhex(newer.root)
    path = [bytes.fromhex(step) for step in since.path]
    if not is_consistent(older.count, older_root, newer.count, newer_root, path):
        yield Finding(
            "rolled_back", Message("the newer checkpoint does not go on from the older one")
        )


def _extends(newer: Checkpoint, since: ConsistencyProof | None, trusted: Checkpoint) -> bool:
    """Return whether the proof is about the checkpoint that was kept, or goes on from it."""
    return trusted.hash == newer.hash or (
        since is not None and trusted.hash == since.checkpoint.hash
    )
