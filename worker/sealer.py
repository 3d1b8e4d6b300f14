"""Seals the audit log at intervals, beside a worker; there may be several on one store."""

import asyncio
import logging
from datetime import timedelta

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import InvalidKey, Signer, read_signer
from ops.audit.sealer import Diverged, Sealer
from runtime.settings import WrongSetting
from store import Store
from store.db.clock import Clock, utc_now
from store.errors import ArchiveDown, StoreDown
from worker.settings import WorkerSettings

log = logging.getLogger("banjie.sealing")

POLL_SECONDS = 10.0
"""Seconds between two looks at what waits."""


class PeriodicSealer:
    """Makes a checkpoint when so many rows wait, or when some have waited for so long."""

    def __init__(self, sealer: Sealer, rows: int, every: timedelta, clock: Clock = utc_now) -> None:
        self._sealer, self._rows, self._every, self._clock = sealer, rows, every, clock
        self._next = clock() + every

    async def run(self) -> None:
        """Seal until cancelled. What cannot be done now is tried again at the next look."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.once()
            except (StoreDown, ArchiveDown) as error:
                log.warning("%s", error)
            except Diverged as error:
                log.error("%s", error)  # noqa: TRY400 — the sentence says it all

    async def once(self) -> int:
        """Seal what is due and return how many checkpoints were made."""
        checkpoints = await self._sealer.seal_all(await self._due())
        for checkpoint in checkpoints:
            log.info("checkpoint %s covers %s rows", checkpoint.n, checkpoint.count)
        return len(checkpoints)

    async def _due(self) -> list[str] | None:
        """Return the tenants of whom many rows wait; None for all when it is time for the rest."""
        if self._clock() >= self._next:
            self._next = self._clock() + self._every
            return None
        waiting = self._sealer.store.audit_sealer
        tenants = await waiting.tenants()
        return [it for it in tenants if await waiting.waiting(it, self._rows) >= self._rows]


def read_audit_key(settings: WorkerSettings) -> Signer | None:
    """Return the signer of checkpoints; None if no key is named.

    Raises:
        WrongSetting: the file holds none.
    """
    if settings.audit_key is None:
        log.info("no checkpoints are made: BANJIE_AUDIT_KEY names no key")
        return None
    try:
        return read_signer(settings.audit_key)
    except InvalidKey as error:
        raise WrongSetting(str(error), "BANJIE_AUDIT_KEY") from None


async def run_sealer(store: Store, settings: WorkerSettings, signer: Signer | None) -> None:
    """Seal until cancelled; without a signer only wait."""
    if signer is None:
        await asyncio.Event().wait()
        return
    sealer = Sealer(store, CheckpointStore(settings.checkpoints), signer)
    every = timedelta(minutes=settings.checkpoint_minutes)
    await PeriodicSealer(sealer, settings.checkpoint_rows, every).run()
