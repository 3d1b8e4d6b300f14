"""The checkpoints themselves: all there, signed, tied to each other, as the database has them."""

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
from store import Store
from store.audit.records import Peaks

AT_ONCE = 32
PAUSE = 0.25
PATIENCE = 5.0
"""Seconds that a sealer has to write outside what is in the database."""


@dataclass(frozen=True)
class StoredCheckpoints:
    """The documents outside and the database's copies of them, by n.

    `newest` is the one that the database knew before the others were read: it must be outside.
    """

    documents: dict[int, str]
    copies: dict[int, Peaks]
    newest: int


@dataclass(frozen=True)
class Baseline:
    """What somebody kept who does not trust us: a checkpoint, or how many rows there were."""

    point: Checkpoint | None = None
    at_least: int = 0


async def read_checkpoints(
    store: Store, checkpoint_store: CheckpointStore, tenant: str, patience: float = PATIENCE
) -> StoredCheckpoints:
    """All checkpoints of a tenant; one that is just being written has its moment."""
    newest = _number((await store.audit_sealer.newest(tenant)).n)
    numbers = await checkpoint_store.numbers(tenant)
    for _ in range(int(patience / PAUSE)):
        if newest <= max(numbers, default=0):
            break
        await asyncio.sleep(PAUSE)
        numbers = await checkpoint_store.numbers(tenant)
    found: dict[int, str] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        read = await asyncio.gather(*(checkpoint_store.read(tenant, n) for n in some))
        found |= {n: text for n, text in zip(some, read, strict=True) if text is not None}
    copies = {each.n: each for each in await store.audit_sealer.after(tenant, 0)}
    return StoredCheckpoints(found, copies, newest)


def verify_checkpoints(
    tenant: str, trail: StoredCheckpoints, keys: PublicKeys
) -> tuple[list[Checkpoint], list[Finding]]:
    """The checkpoints that were signed, and what is wrong with all."""
    points: list[Checkpoint] = []
    findings: list[Finding] = []
    before: Checkpoint | None = None
    last = 0
    for n in sorted({trail.newest, *trail.documents} - {0}):
        if n > last + 1:
            before = None
            findings.append(_gone(last + 1, n - 1))
        point, why = _point(tenant, n, trail.documents.get(n), keys)
        if point is None:
            findings.append(why)
        else:
            points.append(point)
            tied = link_error(before, point) if before or n == 1 else None
            findings += [Finding("checkpoint_forged", f"checkpoint {n}: {tied}")] if tied else []
            findings += _copy(trail, n)
        before, last = point, n
    findings += [
        Finding("checkpoint_differs", f"the database has a checkpoint numbered {n!r}")
        for n in trail.copies
        if not _number(n)
    ]
    return points, findings


def _gone(first: int, last: int) -> Finding:
    several = f"checkpoints {first} to {last} are not there"
    one = f"checkpoint {first} is not there"
    return Finding("checkpoint_missing", one if first == last else several)


def _number(n: object) -> int:
    """A checkpoint's number; 0, if it is none: SQLite keeps anything in any column."""
    return n if isinstance(n, int) and n > 0 else 0


def verify_baseline(
    points: Sequence[Checkpoint], baseline: Baseline, keys: PublicKeys
) -> Iterator[Finding]:
    """Whether all that somebody kept is still part of it."""
    count = points[-1].count if points else 0
    if count < baseline.at_least:
        yield Finding("rolled_back", f"the checkpoints cover {count} rows, not {baseline.at_least}")
    if baseline.point is None:
        return
    if not baseline.point.signed_by(keys):
        yield Finding("checkpoint_forged", "the one that was kept is not signed by a known key")
    same = next((point for point in points if point.n == baseline.point.n), None)
    if same is None:
        yield Finding("rolled_back", f"checkpoint {baseline.point.n}, which was kept, is not there")
    elif same.hash != baseline.point.hash:
        yield Finding("checkpoint_forged", f"checkpoint {same.n} is not the one that was kept")


def _point(
    tenant: str, n: int, document: str | None, keys: PublicKeys
) -> tuple[Checkpoint | None, Finding]:
    if document is None:
        return None, _gone(n, n)
    try:
        point = parse_checkpoint(document)
    except InvalidCheckpoint as error:
        return None, Finding("checkpoint_forged", f"checkpoint {n}: {error}")
    if (point.tenant, point.n) != (tenant, n):
        return None, Finding("checkpoint_forged", f"checkpoint {n} belongs elsewhere")
    forged = Finding("checkpoint_forged", f"checkpoint {n} is not signed by a known key")
    return (point if point.signed_by(keys) else None), forged


def _copy(trail: StoredCheckpoints, n: int) -> Iterator[Finding]:
    copy = trail.copies.get(n)
    if copy is None:
        yield Finding("rolled_back", f"the database does not know checkpoint {n}: it was set back")
        return
    if copy.document != trail.documents[n]:
        yield Finding("checkpoint_differs", f"the database has another checkpoint {n}")
        return
    try:
        checkpoint_tree(copy)
    except InvalidCheckpoint as error:
        yield Finding("checkpoint_differs", f"checkpoint {n} in the database: {error}")
