"""The Merkle tree of RFC 9162: one root for many leaves, with inclusion and consistency proofs.

Leaves and nodes are hashed with different prefixes, so that neither can pass for the other.
"""

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""


class Tree:
    """A tree that grows on its right side and stores only its peaks, the roots of full subtrees.

    There is one peak for each one-bit of the size, the tallest first.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")
        self.size, self.peaks = size, list(peaks)

    def push(self, leaf: bytes) -> None:
        """Append a leaf, given by its hash."""
        peaks, size = self.peaks, self.size
        while size & 1:
            leaf, size = node_hash(peaks.pop(), leaf), size >> 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        if not self.peaks:
            return EMPTY
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaves, given by their hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.push(leaf)
    return tree.root()


def tree_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return all hashes of a tree by level, the leaves first.

    A node without a sibling moves up a level unchanged.
    """
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = range(0, len(below) - 1, 2)
        above = [node_hash(below[at], below[at + 1]) for at in pairs]
        levels.append(above + below[len(above) * 2 :])
    return levels


def inclusion_path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the audit path of the leaf at `index`, counted from 0; `levels` as `tree_levels`."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return path


def consistency_path(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree over the first `old` leaves (at least 1) begins this one."""
    return _subproof(leaves, old, whole=True)


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash is at `index`, from 0, in the tree of this size and root."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        right = _is_right(at, last)
        node = node_hash(sibling, node) if right else node_hash(node, sibling)
        at, last = _up(at, last, right=right)
    return last == 0 and compare_digest(node, root)


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Return whether the tree of `old` leaves is the beginning of the tree of `new` leaves."""
    if old == new:
        return not path and compare_digest(old_root, new_root)
    hashes = [old_root, *path] if old.bit_count() == 1 else list(path)
    if not 0 < old < new or not hashes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        right = _is_right(at, last)
        if right:
            before = node_hash(sibling, before)
        after = node_hash(sibling, after) if right else node_hash(after, sibling)
        at, last = _up(at, last, right=right)
    same = compare_digest(before, old_root) and compare_digest(after, new_root)
    return last == 0 and same


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    size = len(leaves)
    if old == size:
        return [] if whole else [root_of(leaves)]
    half = 1 << ((size - 1).bit_length() - 1)
    if old <= half:
        return [*_subproof(leaves[:half], old, whole=whole), root_of(leaves[half:])]
    return [*_subproof(leaves[half:], old - half, whole=False), root_of(leaves[:half])]


def _is_right(at: int, last: int) -> bool:
    """Whether the node's sibling is on its left; the last node of a level may have to climb."""
    return bool(at & 1) or at == last


def _up(at: int, last: int, *, right: bool) -> tuple[int, int]:
    """Return the places of the node's parent and of the last node on the parent's level."""
    while right and not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at >> 1, last >> 1
