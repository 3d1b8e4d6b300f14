"""Making a proof for a case, from the ledger and its newest checkpoint."""

from domain.chain import entry_hash
from domain.entries import Entry
from ops.audit.chains import faults
from ops.audit.checkpoints import Checkpoint, Wrong, leaf_of, parse
from ops.audit.merkle import consistency, inclusion, levels
from ops.audit.proofs import Proof, Proved, Since
from store import Store
from store.records import Leaf

PAGE = 10_000


class Unprovable(Exception):
    """There is no proof for this case now; the message says why."""


class Unknown(Unprovable):
    """Neither the tables of cases nor the ledger have it."""


class Unsealed(Unprovable):
    """No checkpoint covers any entry of the case yet."""


class Tampered(Unprovable):
    """Case or ledger are not what was recorded and signed: nothing can be proved with them."""


async def prove(
    store: Store,
    tenant: str,
    number: str,
    *,
    with_entries: bool = False,
    since: Checkpoint | None = None,
) -> Proof:
    """The proof that the case has these entries; it cannot show that no others came after them.

    All hashes of the ledger are read, so it takes a moment.

    Args:
        store: where the ledger is.
        tenant: whose.
        number: the case.
        with_entries: put the entries in, not only their hashes; they hold what people said.
        since: an older checkpoint that the proof is to go on from.

    Raises:
        Unknown, Unsealed, Tampered
    """
    await _sound(store, tenant, number)
    mine = await store.leaves.of(tenant, number)
    if not mine:
        raise Unsealed(f"No checkpoint covers {number} yet; one is made every few minutes.")
    try:
        point = parse((await store.seals.newest(tenant)).document)
    except Wrong as error:
        raise Tampered(f"The newest checkpoint in the database: {error}.") from None
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


async def _sound(store: Store, tenant: str, number: str) -> None:
    """Whether the case is what the ledger says: nobody is told half of a history."""
    part = await store.chains.of(tenant, number)
    if not (part.entries or part.last or part.sealed or part.waiting):
        raise Unknown(f"There is no case {number}.")
    for fault in faults(tenant, part):
        where = f"Entry {fault.seq} of {number}" if fault.seq else number
        raise Tampered(f"{where}: {fault.detail} ({fault.code}); see `banjie audit verify`.")


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
