"""Checking what a Merkle tree's proofs claim, as RFC 9162 says in 2.1.3.2 and 2.1.4.2. Pure."""

from collections.abc import Sequence
from hmac import compare_digest

from ops.audit.merkle import node_hash


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash, counted from 0, is in the tree with this size and root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        right = _is_right(at, last)
        found = node_hash(beside, found) if right else node_hash(found, beside)
        at, last = _up(at, last, right=right)
    return last == 0 and compare_digest(found, root)


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the older tree is the beginning of the newer one."""
    if old == new:
        return not path and compare_digest(old_root, new_root)
    hashes = [old_root, *path] if old.bit_count() == 1 else list(path)
    if not 0 < old < new or not hashes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        right = _is_right(at, last)
        if right:
            before = node_hash(beside, before)
        after = node_hash(beside, after) if right else node_hash(after, beside)
        at, last = _up(at, last, right=right)
    same = compare_digest(before, old_root) and compare_digest(after, new_root)
    return last == 0 and same


def _is_right(at: int, last: int) -> bool:
    """Whether the node's partner is at its left; the last one of a level may have to climb."""
    return bool(at & 1) or at == last


def _up(at: int, last: int, *, right: bool) -> tuple[int, int]:
    while right and not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at >> 1, last >> 1
