"""Seals the audit log: gives waiting rows their place, signs a checkpoint, writes it outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.checkpoints import (
    Checkpoint,
    checkpoint_tree,
    parse_checkpoint,
    row_leaf,
    sign_checkpoint,
)
from ops.audit.keys import Signer
from runtime.message import Message
from store import Store
from store.audit.records import CheckpointRow, Leaf
from store.db.clock import Clock, utc_now

AT_ONCE = 1000
"""Rows in one checkpoint at most: SQLite has one writer, and nobody must wait long for it."""


class Diverged(Exception):
    """The checkpoints outside are not those of this database; the message says what to do."""


@dataclass(frozen=True)
class Sealer:
    """Seals for all tenants. Several may run: the database lets one at a time through."""

    store: Store
    checkpoint_store: CheckpointStore
    signer: Signer
    clock: Clock = utc_now

    async def seal_all(self, tenants: Iterable[str] | None = None) -> list[Checkpoint]:
        """Seal everything that waits, for these tenants or for all.

        Raises:
            Diverged: for some tenants; all others are sealed.
            StoreDown, ArchiveDown
        """
        made: list[Checkpoint] = []
        errors: list[str] = []
        if tenants is None:
            seals = self.store.audit_sealer
            tenants = sorted({*await seals.tenants(), *await seals.sealed_tenants()})
        for tenant in tenants:
            try:
                while checkpoint := await self.seal(tenant):
                    made.append(checkpoint)
            except Diverged as error:
                # The other tenants' rows are to be sealed none the less.
                errors.append(Message("%(tenant)s: %(error)s", tenant=tenant, error=error.args[0]))
        if errors:
            raise Diverged(Message("%(errors)s", errors=errors) if errors[1:] else errors[0])
        return made

    async def seal(self, tenant: str) -> Checkpoint | None:
        """Make one checkpoint if rows wait; it is stored outside when this returns.

        Raises:
            Diverged: the database was set back, or a checkpoint outside was changed.
            StoreDown, ArchiveDown
        """
        await self._publish(tenant)

        def cover(last: CheckpointRow, fresh: Sequence[Leaf]) -> CheckpointRow:
            return _cover(self.signer, tenant, last, fresh, self.clock().astimezone(UTC))

        sealed = await self.store.audit_sealer.seal(tenant, AT_ONCE, cover)
        if sealed is None:
            return None
        await self._publish(tenant)
        return parse_checkpoint(sealed.document)

    async def _publish(self, tenant: str) -> None:
        """Write outside what is not there yet, also what a sealer that died left undone.

        Raises:
            Diverged, StoreDown, ArchiveDown
        """
        numbers = await self.checkpoint_store.numbers(tenant)
        outside = numbers[-1] if numbers else 0
        newest = await self.store.audit_sealer.newest(tenant)
        if newest.n < outside:
            raise Diverged(
                Message(
                    "Outside there are %(outside)s checkpoints, the database knows of %(n)s: "
                    "it was set back to an older state. Restore a newer one, or move the "
                    "checkpoints behind %(n)s aside and keep them.",
                    outside=outside,
                    n=newest.n,
                )
            )
        for copy in await self.store.audit_sealer.after(tenant, max(outside - 1, 0)):
            if not await self.checkpoint_store.write(tenant, copy.n, copy.document):
                raise Diverged(
                    Message(
                        "Checkpoint %(n)s outside is not the one that the database has; one of "
                        "them was changed. Verify both before anything is sealed again.",
                        n=copy.n,
                    )
                )


def _cover(
    signer: Signer, tenant: str, last: CheckpointRow, fresh: Sequence[Leaf], at: datetime
) -> CheckpointRow:
    """Return the checkpoint after `last` that covers the fresh rows too."""
    try:
        before = parse_checkpoint(last.document) if last.n else None
        tree = checkpoint_tree(last)
    except ValueError as error:
        raise Diverged(
            Message("The newest checkpoint in the database was changed: %(error)s.", error=error)
        ) from None
    for row in fresh:
        tree.push(row_leaf(tenant, row))
    made = sign_checkpoint(signer, tree, tenant, before, at)
    peaks = " ".join(peak.hex() for peak in tree.peaks)
    return CheckpointRow(n=made.n, count=made.count, peaks=peaks, document=made.document)
