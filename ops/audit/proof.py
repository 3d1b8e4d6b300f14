"""A proof for others: a case's entries, where they are in the tree, and a signed checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.audit.cases_verify import findings
from ops.audit.checkpoints import Checkpoint, Hash, InvalidCheckpoint, parse_checkpoint, row_leaf
from ops.audit.merkle import consistency, inclusion, levels
from store import Store
from store.audit.records import Leaf


class ProvedEntry(BaseModel):
    """One entry: its hash, its row in the ledger from 1, and the way from there to the root.

    `entry` is the entry itself, if it was asked for: it holds what people said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    hash: Hash
    row: Annotated[int, Field(ge=1)]
    path: tuple[Hash, ...]
    entry: Entry | None = None


class ConsistencyProof(BaseModel):
    """An older checkpoint, and the proof that the newer one only added rows to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: Checkpoint
    path: tuple[Hash, ...]


class Proof(BaseModel):
    """That a case had these entries, from its first on, when the checkpoint was signed.

    It shows no more than them: that others came after them cannot be seen from it.

    `unsealed` are entries that are recorded but not covered yet, by seq: nothing is said of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["banjie.proof.v1"] = "banjie.proof.v1"
    number: str
    checkpoint: Checkpoint
    entries: tuple[ProvedEntry, ...]
    unsealed: tuple[int, ...] = ()
    since: ConsistencyProof | None = None


PAGE = 10_000


class ProofUnavailable(Exception):
    """There is no proof for this case now; the message says why."""


class UnknownCase(ProofUnavailable):
    """Neither the tables of cases nor the ledger have it."""


class NotSealed(ProofUnavailable):
    """No checkpoint covers any entry of the case yet."""


class Tampered(ProofUnavailable):
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
    mine = await store.audit_reader.of(tenant, number)
    if not mine:
        raise NotSealed(f"No checkpoint covers {number} yet; one is made every few minutes.")
    try:
        point = parse_checkpoint((await store.audit_sealer.newest(tenant)).document)
    except InvalidCheckpoint as error:
        raise Tampered(f"The newest checkpoint in the database: {error}.") from None
    leaves = await _leaves(store, tenant, point.count)
    tree = levels(leaves)
    if len(leaves) != point.count or tree[-1][0].hex() != point.root:
        raise Tampered("The ledger is not what its checkpoint signed; see `banjie audit verify`.")
    said = {e.seq: e for e in await store.entries.of(tenant, number)} if with_entries else {}
    if edited := [leaf.seq for _, leaf in mine if said and not _same(said.get(leaf.seq), leaf)]:
        raise Tampered(f"Entry {edited[0]} of {number} is not what was recorded.")
    entries = [
        ProvedEntry(seq=leaf.seq, hash=leaf.hash, row=row, path=_hex(inclusion(tree, row - 1)),
               entry=said.get(leaf.seq))
        for row, leaf in mine if row <= point.count
    ]  # fmt: skip
    return Proof(
        number=number,
        checkpoint=point,
        entries=tuple(entries),
        unsealed=tuple(await store.audit_reader.waiting(tenant, number)),
        since=_since(leaves, point, since) if since else None,
    )


async def _sound(store: Store, tenant: str, number: str) -> None:
    """Whether the case is what the ledger says: nobody is told half of a history."""
    part = await store.entry_hashes.of(tenant, number)
    if not (part.entries or part.last or part.sealed or part.waiting):
        raise UnknownCase(f"There is no case {number}.")
    for finding in findings(tenant, part):
        where = f"Entry {finding.seq} of {number}" if finding.seq else number
        raise Tampered(f"{where}: {finding.detail} ({finding.code}); see `banjie audit verify`.")


def _same(entry: Entry | None, leaf: Leaf) -> bool:
    return entry is not None and entry_hash(entry) == leaf.hash


def _since(leaves: list[bytes], point: Checkpoint, old: Checkpoint) -> ConsistencyProof:
    if old.tenant != point.tenant or old.count > point.count:
        raise Tampered("The ledger is shorter than the checkpoint that was kept.")
    return ConsistencyProof(checkpoint=old, path=_hex(consistency(leaves, old.count)))


async def _leaves(store: Store, tenant: str, count: int) -> list[bytes]:
    found: list[bytes] = []
    while page := await store.audit_reader.page(tenant, len(found), min(PAGE, count - len(found))):
        found += [row_leaf(tenant, leaf) for _, leaf in page]
    return found


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(step.hex() for step in path)
