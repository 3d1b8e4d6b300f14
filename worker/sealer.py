"""Seals the ledger now and then, for as long as it runs; there may be several of it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import Signer, read_signer
from ops.audit.sealer import Diverged, Sealer
from store import Store
from store.db.clock import Clock, utc_now
from store.errors import ArchiveDown, StoreDown
from worker.settings import WorkerSettings

log = logging.getLogger("banjie.sealing")

LOOK = 10.0
"""Seconds between two looks at what waits."""


class Sealing:
    """Makes a checkpoint when so many rows wait, or when some have waited for so long."""

    def __init__(self, sealer: Sealer, rows: int, every: timedelta, clock: Clock = utc_now) -> None:
        self._sealer, self._rows, self._every, self._clock = sealer, rows, every, clock
        self._next = clock() + every

    async def run(self) -> None:
        """Go on until cancelled. What cannot be done now is tried again at the next look."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.once()
            except (StoreDown, ArchiveDown) as error:
                log.warning("%s", error)
            except Diverged as error:
                log.error("%s", error)  # noqa: TRY400 — the sentence says it all

    async def once(self) -> int:
        """Seal what is due; how many checkpoints were made."""
        seals, many = self._sealer.store.audit_sealer, None
        if self._clock() >= self._next:
            self._next = self._clock() + self._every
        else:
            tenants = await seals.tenants()
            many = [it for it in tenants if await seals.waiting(it, self._rows) >= self._rows]
        made = await self._sealer.seal_all(many)
        for point in made:
            log.info("checkpoint %s covers %s rows", point.n, point.count)
        return len(made)


def signer_of(settings: WorkerSettings) -> Signer | None:
    """What signs checkpoints, if a key is named.

    Raises:
        WrongKey: the file holds none.
    """
    if settings.audit_key is None:
        log.warning("no checkpoints are made: BANJIE_AUDIT_KEY names no key")
        return None
    return read_signer(settings.audit_key)


@asynccontextmanager
async def sealing(
    store: Store, settings: WorkerSettings, signer: Signer | None
) -> AsyncIterator[asyncio.Task[None]]:
    """A sealer that runs beside the caller's work, if there is a key, and stops with it."""
    if signer is None:
        task = asyncio.create_task(_never())
    else:
        sealer = Sealer(store, CheckpointStore(settings.checkpoints), signer)
        every = timedelta(minutes=settings.checkpoint_minutes)
        task = asyncio.create_task(Sealing(sealer, settings.checkpoint_rows, every).run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _never() -> None:
    await asyncio.Event().wait()
