"""Proves a case to others: its entries, their places in the tree, and a signed checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.audit.cases_verify import case_findings
from ops.audit.checkpoints import Checkpoint, Hash, InvalidCheckpoint, parse_checkpoint, row_leaf
from ops.audit.merkle import consistency_path, inclusion_path, tree_levels
from runtime.message import Message
from store import Store
from store.audit.records import Leaf

PAGE = 10_000


class ProvedEntry(BaseModel):
    """An entry: its hash, its row in the audit log counted from 1, and the path to the root.

    `entry` is the entry itself, if it is included: it holds what people wrote.
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
    """Proves that a case had these entries, from its first on, when the checkpoint was signed.

    It proves no more: whether others came after them cannot be seen from it. `unsealed` are the
    seqs of entries that are recorded but not covered yet, of which it proves nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["banjie.proof.v1"] = "banjie.proof.v1"
    number: str
    checkpoint: Checkpoint
    entries: tuple[ProvedEntry, ...]
    unsealed: tuple[int, ...] = ()
    since: ConsistencyProof | None = None


class ProofUnavailable(Exception):
    """The case cannot be proved now; the message says why."""


class UnknownCase(ProofUnavailable):
    """Neither the tables of cases nor the audit log have it."""


class NotSealed(ProofUnavailable):
    """No checkpoint covers any entry of the case yet."""


class Tampered(ProofUnavailable):
    """Case or audit log are not what was recorded and signed, so they can prove nothing."""


async def prove(
    store: Store,
    tenant: str,
    number: str,
    *,
    with_entries: bool = False,
    since: Checkpoint | None = None,
) -> Proof:
    """Return the proof that the case has these entries; it cannot prove that none came after.

    All hashes of the audit log are read, which takes a moment.

    Args:
        store: where the audit log is.
        tenant: whose case it is.
        number: the case.
        with_entries: include the entries, not only their hashes; they hold what people wrote.
        since: an older checkpoint that the proof is to extend.

    Raises:
        UnknownCase, NotSealed, Tampered
    """
    await _refuse_tampered(store, tenant, number)
    rows = await store.audit_reader.of(tenant, number)
    if not rows:
        raise NotSealed(
            Message(
                "No checkpoint covers %(number)s yet; one is made every few minutes.", number=number
            )
        )
    checkpoint = await _newest_checkpoint(store, tenant)
    leaves = await _leaves(store, tenant, checkpoint.count)
    levels = tree_levels(leaves)
    if len(leaves) != checkpoint.count or levels[-1][0].hex() != checkpoint.root:
        raise Tampered(
            Message("The audit log is not what its checkpoint signed; see `banjie audit verify`.")
        )
    entries = await _entries(store, tenant, number, rows) if with_entries else {}
    proved = [
        ProvedEntry(seq=row.seq, hash=row.hash, row=position, entry=entries.get(row.seq),
                    path=_hex(inclusion_path(levels, position - 1)))
        for position, row in rows if position <= checkpoint.count
    ]  # fmt: skip
    return Proof(
        number=number,
        checkpoint=checkpoint,
        entries=tuple(proved),
        unsealed=tuple(await store.audit_reader.waiting(tenant, number)),
        since=_consistency(leaves, checkpoint, since) if since else None,
    )


async def _refuse_tampered(store: Store, tenant: str, number: str) -> None:
    """Refuse a case that is not what the audit log says: half a history is proved to nobody."""
    part = await store.entry_hashes.read_case(tenant, number)
    if not (part.entries or part.last or part.sealed or part.waiting):
        raise UnknownCase(Message("There is no case %(number)s.", number=number))
    for finding in case_findings(tenant, part):
        where = (
            Message("Entry %(seq)s of %(number)s", seq=finding.seq, number=number)
            if finding.seq
            else number
        )
        raise Tampered(
            Message(
                "%(where)s: %(detail)s (%(code)s); see `banjie audit verify`.",
                where=where,
                detail=finding.detail,
                code=finding.code,
            )
        )


async def _newest_checkpoint(store: Store, tenant: str) -> Checkpoint:
    try:
        return parse_checkpoint((await store.audit_sealer.newest(tenant)).document)
    except InvalidCheckpoint as error:
        raise Tampered(
            Message("The newest checkpoint in the database: %(error)s.", error=error)
        ) from None


async def _leaves(store: Store, tenant: str, count: int) -> list[bytes]:
    leaves: list[bytes] = []
    while page := await store.audit_reader.page(
        tenant, len(leaves), min(PAGE, count - len(leaves))
    ):
        leaves += [row_leaf(tenant, row) for _, row in page]
    return leaves


async def _entries(
    store: Store, tenant: str, number: str, rows: list[tuple[int, Leaf]]
) -> dict[int, Entry]:
    """Return the case's entries by seq, if they are those of the rows."""
    entries = {entry.seq: entry for entry in await store.entries.of(tenant, number)}
    for _, row in rows:
        entry = entries.get(row.seq)
        if entry is None or entry_hash(entry) != row.hash:
            raise Tampered(
                Message(
                    "Entry %(seq)s of %(number)s is not what was recorded.",
                    seq=row.seq,
                    number=number,
                )
            )
    return entries


def _consistency(leaves: list[bytes], newer: Checkpoint, older: Checkpoint) -> ConsistencyProof:
    if older.tenant != newer.tenant or older.count > newer.count:
        raise Tampered(Message("The audit log is shorter than the checkpoint that was kept."))
    return ConsistencyProof(checkpoint=older, path=_hex(consistency_path(leaves, older.count)))


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(step.hex() for step in path)
