"""The Merkle tree is that of RFC 9162, and its proofs hold for what is true and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from ops.audit.merkle import (
    EMPTY,
    Tree,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
    tree_levels,
)

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f")  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The known answers of the reference implementation of RFC 6962, whose tree RFC 9162 keeps."""

SIZES = st.integers(1, 200)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(at).encode()) for at in range(count)]


def flipped(data: bytes, bit: int) -> bytes:
    """The same but for one bit."""
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def test_the_known_answers() -> None:
    hashed = [leaf_hash(bytes.fromhex(each)) for each in INPUTS]
    assert [root_of(hashed[:size]).hex() for size in range(1, 9)] == list(ROOTS)
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY


def test_a_leaf_cannot_pass_as_a_node() -> None:
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)


@given(size=SIZES, data=st.data())
def test_a_tree_goes_on_from_its_peaks(size: int, data: st.DataObject) -> None:
    all_leaves, tree = leaves(size), Tree()
    stop = data.draw(st.integers(0, size))
    for leaf in all_leaves[:stop]:
        tree.push(leaf)
    again = Tree(tree.size, tree.peaks)
    for leaf in all_leaves[stop:]:
        again.push(leaf)
    assert again.root() == tree_levels(all_leaves)[-1][0] == root_of(all_leaves)


@given(size=SIZES, data=st.data())
def test_what_is_in_the_tree_is_proved(size: int, data: st.DataObject) -> None:
    mine, index = leaves(size), data.draw(st.integers(0, size - 1))
    root, path = root_of(mine), inclusion_path(tree_levels(mine), index)
    assert is_included(mine[index], index, size, path, root)
    assert len(path) <= (size - 1).bit_length()
    bit = data.draw(st.integers(0, 255))
    assert not is_included(flipped(mine[index], bit), index, size, path, root)
    assert not is_included(mine[index], index, size, path, flipped(root, bit))
    assert not is_included(mine[index], index, size, [*path, EMPTY], root)
    assert not is_included(mine[index], size, size, path, root)
    if path:
        step = data.draw(st.integers(0, len(path) - 1))
        bent = [flipped(each, bit) if at == step else each for at, each in enumerate(path)]
        assert not is_included(mine[index], index, size, bent, root)
        assert not is_included(mine[index], index, size, path[:-1], root)
        other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index))
        assert not is_included(mine[other], index, size, path, root)
        assert not is_included(mine[index], other, size, path, root)


@given(size=SIZES, data=st.data())
def test_that_it_only_grew_is_proved(size: int, data: st.DataObject) -> None:
    mine, old = leaves(size), data.draw(st.integers(1, size))
    before, after = root_of(mine[:old]), root_of(mine)
    path = consistency_path(mine, old)
    assert is_consistent(old, before, size, after, path)
    bit = data.draw(st.integers(0, 255))
    assert not is_consistent(old, flipped(before, bit), size, after, path)
    assert not is_consistent(old, before, size, flipped(after, bit), path)
    assert not is_consistent(old, before, size, after, [*path, EMPTY])
    assert not is_consistent(0, EMPTY, size, after, path)
    if path:
        step = data.draw(st.integers(0, len(path) - 1))
        bent = [flipped(each, bit) if at == step else each for at, each in enumerate(path)]
        assert not is_consistent(old, before, size, after, bent)
        assert not is_consistent(old, before, size, after, path[:-1])


@given(size=st.integers(2, 200), data=st.data())
def test_a_history_that_was_rewritten_is_not_consistent(size: int, data: st.DataObject) -> None:
    mine = leaves(size)
    old = data.draw(st.integers(1, size - 1))
    where = data.draw(st.integers(0, old - 1))
    other = [leaf_hash(b"other") if at == where else each for at, each in enumerate(mine)]
    path = consistency_path(other, old)
    assert not is_consistent(old, root_of(mine[:old]), size, root_of(other), path)
