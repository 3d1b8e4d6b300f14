"""Making a proof for a case, from the ledger and its newest checkpoint."""

from domain.chain import entry_hash
from domain.entries import Entry
from ops.audit.checkpoints import Checkpoint, leaf_of, parse
from ops.audit.merkle import consistency, inclusion, levels
from ops.audit.proofs import Proof, Proved, Since
from store import Store
from store.records import Leaf

PAGE = 10_000


class Unprovable(Exception):
    """There is no proof for this case now; the message says why."""


class Unsealed(Unprovable):
    """No checkpoint covers any entry of the case yet."""


class Tampered(Unprovable):
    """The ledger is not what was signed: nothing can be proved with it."""


async def prove(
    store: Store,
    tenant: str,
    number: str,
    *,
    with_entries: bool = False,
    since: Checkpoint | None = None,
) -> Proof:
    """The proof that the case has these entries; all its hashes are read, so it takes a moment.

    Args:
        store: where the ledger is.
        tenant: whose.
        number: the case.
        with_entries: put the entries in, not only their hashes; they hold what people said.
        since: an older checkpoint that the proof is to go on from.

    Raises:
        Unsealed, Tampered
    """
    mine = await store.leaves.of(tenant, number)
    if not mine:
        raise Unsealed(f"No checkpoint covers {number} yet; one is made every few minutes.")
    point = parse((await store.seals.newest(tenant)).document)
    leaves = await _leaves(store, tenant, point.count)
    tree = levels(leaves)
    if len(leaves) != point.count or tree[-1][0].hex() != point.root:
        raise Tampered("The ledger is not what its checkpoint signed; see `banjie audit verify`.")
    said = {e.seq: e for e in await store.entries.of(tenant, number)} if with_entries else {}
    if edited := [leaf.seq for _, leaf in mine if said and not _same(said.get(leaf.seq), leaf)]:
        raise Tampered(f"Entry {edited[0]} of {number} is not what was recorded.")
    entries = [
        Proved(seq=leaf.seq, hash=leaf.hash, row=row, path=_hex(inclusion(tree, row - 1)),
               entry=said.get(leaf.seq))
        for row, leaf in mine if row <= point.count
    ]  # fmt: skip
    return Proof(
        number=number,
        checkpoint=point,
        entries=tuple(entries),
        unsealed=tuple(await store.leaves.waiting(tenant, number)),
        since=_since(leaves, point, since) if since else None,
    )


def _same(entry: Entry | None, leaf: Leaf) -> bool:
    return entry is not None and entry_hash(entry) == leaf.hash


def _since(leaves: list[bytes], point: Checkpoint, old: Checkpoint) -> Since:
    if old.tenant != point.tenant or old.count > point.count:
        raise Tampered("The ledger is shorter than the checkpoint that was kept.")
    return Since(checkpoint=old, path=_hex(consistency(leaves, old.count)))


async def _leaves(store: Store, tenant: str, count: int) -> list[bytes]:
    found: list[bytes] = []
    while page := await store.leaves.page(tenant, len(found), min(PAGE, count - len(found))):
        found += [leaf_of(tenant, leaf) for _, leaf in page]
    return found


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(step.hex() for step in path)
