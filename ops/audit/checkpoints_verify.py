"""Verifies a tenant's checkpoints: complete, signed, chained, and the same in the database."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.checkpoints import (
    Checkpoint,
    InvalidCheckpoint,
    checkpoint_tree,
    link_error,
    parse_checkpoint,
)
from ops.audit.keys import PublicKeys
from ops.findings import Finding
from runtime.message import Message
from store import Store
from store.audit.records import CheckpointRow

AT_ONCE = 32
PAUSE = 0.25
PATIENCE = 5.0
"""Seconds that a sealer has to write a checkpoint outside that is in the database already."""


@dataclass(frozen=True)
class StoredCheckpoints:
    """The documents outside the database and the database's copies of them, by number.

    `newest` is the one that the database knew before the others were read: it must be outside.
    """

    documents: dict[int, str]
    copies: dict[int, CheckpointRow]
    newest: int


@dataclass(frozen=True)
class Baseline:
    """What somebody kept who does not trust us: a checkpoint, or how many rows there were."""

    checkpoint: Checkpoint | None = None
    rows: int = 0


async def read_checkpoints(
    store: Store, checkpoint_store: CheckpointStore, tenant: str, patience: float = PATIENCE
) -> StoredCheckpoints:
    """Read all checkpoints of a tenant; wait `patience` seconds for one that is being written."""
    newest = _number((await store.audit_sealer.newest(tenant)).n)
    numbers = await checkpoint_store.numbers(tenant)
    for _ in range(int(patience / PAUSE)):
        if newest <= max(numbers, default=0):
            break
        await asyncio.sleep(PAUSE)
        numbers = await checkpoint_store.numbers(tenant)
    documents: dict[int, str] = {}
    for start in range(0, len(numbers), AT_ONCE):
        page = numbers[start : start + AT_ONCE]
        texts = await asyncio.gather(*(checkpoint_store.read(tenant, n) for n in page))
        documents |= {n: text for n, text in zip(page, texts, strict=True) if text is not None}
    copies = {copy.n: copy for copy in await store.audit_sealer.after(tenant, 0)}
    return StoredCheckpoints(documents, copies, newest)


def verify_checkpoints(
    tenant: str, stored: StoredCheckpoints, keys: PublicKeys
) -> tuple[list[Checkpoint], list[Finding]]:
    """Return the checkpoints with a valid signature, and the findings about all of them."""
    signed: list[Checkpoint] = []
    findings: list[Finding] = []
    before: Checkpoint | None = None
    last = 0
    for n in sorted({stored.newest, *stored.documents} - {0}):
        if n > last + 1:
            before = None
            findings.append(_missing(last + 1, n - 1))
        checkpoint, invalid = _verify_document(tenant, n, stored.documents.get(n), keys)
        if checkpoint is None:
            findings.append(invalid)
        else:
            signed.append(checkpoint)
            broken = link_error(before, checkpoint) if before or n == 1 else None
            findings += (
                [_forged(Message("checkpoint %(n)s: %(broken)s", n=n, broken=broken))]
                if broken
                else []
            )
            findings += _verify_copy(stored, n)
        before, last = checkpoint, n
    findings += [
        Finding(
            "checkpoint_differs",
            Message("the database has a checkpoint numbered %(n)s", n=f"{n!r}"),
        )
        for n in stored.copies
        if not _number(n)
    ]
    return signed, findings


def verify_baseline(
    checkpoints: Sequence[Checkpoint], baseline: Baseline, keys: PublicKeys
) -> Iterator[Finding]:
    """Yield a finding for everything in the baseline that these checkpoints do not extend."""
    count, trusted = checkpoints[-1].count if checkpoints else 0, baseline.checkpoint
    if count < baseline.rows:
        yield Finding(
            "rolled_back",
            Message(
                "the checkpoints cover %(count)s rows, not %(rows)s",
                count=count,
                rows=baseline.rows,
            ),
        )
    if trusted is None:
        return
    if not trusted.signed_by(keys):
        yield _forged(Message("the one that was kept is not signed by a known key"))
    same = next((checkpoint for checkpoint in checkpoints if checkpoint.n == trusted.n), None)
    if same is None:
        yield Finding(
            "rolled_back", Message("checkpoint %(n)s, which was kept, is not there", n=trusted.n)
        )
    elif same.hash != trusted.hash:
        yield _forged(Message("checkpoint %(n)s is not the one that was kept", n=same.n))


def _verify_document(
    tenant: str, n: int, document: str | None, keys: PublicKeys
) -> tuple[Checkpoint | None, Finding]:
    """Return the checkpoint, or None and the finding that applies."""
    if document is None:
        return None, _missing(n, n)
    try:
        checkpoint = parse_checkpoint(document)
    except InvalidCheckpoint as error:
        return None, _forged(Message("checkpoint %(n)s: %(error)s", n=n, error=error))
    if (checkpoint.tenant, checkpoint.n) != (tenant, n):
        return None, _forged(Message("checkpoint %(n)s belongs elsewhere", n=n))
    unsigned = _forged(Message("checkpoint %(n)s is not signed by a known key", n=n))
    return (checkpoint if checkpoint.signed_by(keys) else None), unsigned


def _verify_copy(stored: StoredCheckpoints, n: int) -> Iterator[Finding]:
    copy = stored.copies.get(n)
    if copy is None:
        why = Message("the database does not know checkpoint %(n)s: it was set back", n=n)
        yield Finding("rolled_back", why)
        return
    if copy.document != stored.documents[n]:
        yield Finding(
            "checkpoint_differs", Message("the database has another checkpoint %(n)s", n=n)
        )
        return
    try:
        checkpoint_tree(copy)
    except InvalidCheckpoint as error:
        yield Finding(
            "checkpoint_differs",
            Message("checkpoint %(n)s in the database: %(error)s", n=n, error=error),
        )


def _missing(first: int, last: int) -> Finding:
    several = Message("checkpoints %(first)s to %(last)s are not there", first=first, last=last)
    one = Message("checkpoint %(first)s is not there", first=first)
    return Finding("checkpoint_missing", one if first == last else several)


def _forged(detail: str) -> Finding:
    return Finding("checkpoint_forged", detail)


def _number(n: object) -> int:
    """Return a checkpoint's number, or 0 for anything else: SQLite stores any type anywhere."""
    return n if isinstance(n, int) and n > 0 else 0
