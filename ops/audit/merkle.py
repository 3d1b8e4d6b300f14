"""The Merkle tree of RFC 9162: one hash for many leaves, and short proofs about them.

Pure. Leaves and nodes are hashed with different prefixes, so that none can pass as the other.
"""

from collections.abc import Sequence
from hashlib import sha256

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
