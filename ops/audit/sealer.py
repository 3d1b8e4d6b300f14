"""The sealer: gives waiting rows their place, signs a checkpoint, and writes it outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.checkpoints import (
    Checkpoint,
    checkpoint,
    checkpoint_tree,
    parse_checkpoint,
    row_leaf,
)
from ops.audit.keys import Signer
from store import Store
from store.audit.records import Leaf, Peaks
from store.db.clock import Clock, utc_now

AT_ONCE = 1000
"""Rows in one checkpoint at most: SQLite has one writer, and it must not wait for long."""


class Diverged(Exception):
    """The checkpoints outside are not those of this database; the message says what to do."""


@dataclass(frozen=True)
class Sealer:
    """Seals for all tenants. There may be several: the database lets one at a time through."""

    store: Store
    checkpoint_store: CheckpointStore
    signer: Signer
    clock: Clock = utc_now

    async def seal(self, tenant: str) -> Checkpoint | None:
        """One more checkpoint, if anything waits; it is outside when this returns.

        Raises:
            Diverged: the database was set back, or a checkpoint outside was changed.
            StoreDown, ArchiveDown
        """
        await self.publish(tenant)

        def cover(last: Peaks, fresh: Sequence[Leaf]) -> Peaks:
            return _cover(self.signer, tenant, last, fresh, self.clock().astimezone(UTC))

        sealed = await self.store.audit_sealer.seal(tenant, AT_ONCE, cover)
        if sealed is None:
            return None
        await self.publish(tenant)
        return parse_checkpoint(sealed.document)

    async def seal_all(self, tenants: Iterable[str] | None = None) -> list[Checkpoint]:
        """Seal all that waits, of these tenants or of all; write outside what is not there yet.

        Raises:
            Diverged: for some; all others are sealed.
            StoreDown, ArchiveDown
        """
        made: list[Checkpoint] = []
        stopped: list[str] = []
        if tenants is None:
            waiting, known = (
                self.store.audit_sealer.tenants(),
                self.store.audit_sealer.sealed_tenants(),
            )
            tenants = sorted({*await waiting, *await known})
        for tenant in tenants:
            try:
                while point := await self.seal(tenant):
                    made.append(point)
            except Diverged as error:
                # The others' rows are to be sealed none the less.
                stopped.append(f"{tenant}: {error}")
        if stopped:
            raise Diverged(" ".join(stopped))
        return made

    async def publish(self, tenant: str) -> None:
        """Write outside what is not there yet; a sealer that died in between is made good.

        Raises:
            Diverged, StoreDown, ArchiveDown
        """
        numbers = await self.checkpoint_store.numbers(tenant)
        there = numbers[-1] if numbers else 0
        newest = await self.store.audit_sealer.newest(tenant)
        if newest.n < there:
            raise Diverged(
                f"Outside there are {there} checkpoints, the database knows of {newest.n}: it was "
                "set back to an older state. Restore a newer one, or move the checkpoints behind "
                f"{newest.n} aside and keep them."
            )
        for known in await self.store.audit_sealer.after(tenant, max(there - 1, 0)):
            if not await self.checkpoint_store.write(tenant, known.n, known.document):
                raise Diverged(
                    f"Checkpoint {known.n} outside is not the one that the database has; one of "
                    "them was changed. Verify both before anything is sealed again."
                )


def _cover(signer: Signer, tenant: str, last: Peaks, fresh: Sequence[Leaf], at: datetime) -> Peaks:
    try:
        before, tree = parse_checkpoint(last.document) if last.n else None, checkpoint_tree(last)
    except ValueError as error:
        raise Diverged(f"The newest checkpoint in the database was changed: {error}.") from None
    for leaf in fresh:
        tree.push(row_leaf(tenant, leaf))
    made = checkpoint(signer, tree, tenant, before, at)
    peaks = " ".join(each.hex() for each in tree.peaks)
    return Peaks(n=made.n, count=made.count, peaks=peaks, document=made.document)
