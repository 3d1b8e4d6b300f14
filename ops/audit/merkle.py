"""The Merkle tree of RFC 9162: one hash for many leaves, and short proofs about them.

Pure. Leaves and nodes are hashed with different prefixes, so that none can pass as the other.
"""

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows at its right side and remembers only its peaks, the full subtrees' roots.

    There are as many peaks as the size has ones in binary, the tallest first.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")
        self.size, self.peaks = size, list(peaks)

    def push(self, leaf: bytes) -> None:
        """One more leaf, by its hash."""
        peaks, size = self.peaks, self.size
        while size & 1:
            leaf, size = node_hash(peaks.pop(), leaf), size >> 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash of the whole tree."""
        if not self.peaks:
            return EMPTY
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaves' hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.push(leaf)
    return tree.root()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All hashes of a tree, its leaves first; a node without a partner moves up as it is."""
    found = [list(leaves)]
    while len(below := found[-1]) > 1:
        pairs = range(0, len(below) - 1, 2)
        above = [node_hash(below[at], below[at + 1]) for at in pairs]
        found.append(above + below[len(above) * 2 :])
    return found


def inclusion(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The audit path of a leaf, counted from 0, in a tree as `levels` gives it."""
    path = []
    for level in tree[:-1]:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        index >>= 1
    return path


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """The proof that the tree over the first `old` leaves, at least one, is the start of this."""
    return _subproof(leaves, old, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    size = len(leaves)
    if old == size:
        return [] if whole else [root_of(leaves)]
    half = 1 << ((size - 1).bit_length() - 1)
    if old <= half:
        return [*_subproof(leaves[:half], old, whole=whole), root_of(leaves[half:])]
    return [*_subproof(leaves[half:], old - half, whole=False), root_of(leaves[:half])]


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
